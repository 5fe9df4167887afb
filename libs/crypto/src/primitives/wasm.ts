import sodium from 'libsodium-wrappers';
import { type Primitives } from './primitives.js';

await sodium.ready;

const HASH_BYTES = 32;
const TAG_BYTES = 16;

/** libsodium compiled to WebAssembly: runs wherever Node does. */
export const wasmPrimitives: Primitives = {
  blake2b: (message, key) => sodium.crypto_generichash(HASH_BYTES, message, key),
  blake2bOf: (parts) => {
    const state = sodium.crypto_generichash_init(null, HASH_BYTES);
    for (const part of parts) sodium.crypto_generichash_update(state, part);
    return sodium.crypto_generichash_final(state, HASH_BYTES);
  },
  signKeyPair: (seed) => {
    const { publicKey, privateKey } = sodium.crypto_sign_seed_keypair(seed);
    return { publicKey, secretKey: privateKey };
  },
  sign: (message, secretKey) => sodium.crypto_sign_detached(message, secretKey),
  verify: (signature, message, publicKey) =>
    sodium.crypto_sign_verify_detached(signature, message, publicKey),
  toX25519PublicKey: (key) => sodium.crypto_sign_ed25519_pk_to_curve25519(key),
  toX25519SecretKey: (key) => sodium.crypto_sign_ed25519_sk_to_curve25519(key),
  x25519: (secretKey, publicKey) => sodium.crypto_scalarmult(secretKey, publicKey),
  x25519PublicKey: (secretKey) => sodium.crypto_scalarmult_base(secretKey),
  aeadSeal: ({ input, associatedData, nonce, key }) =>
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(input, associatedData, null, nonce, key),
  aeadOpen: ({ input, associatedData, nonce, key }) =>
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, input, associatedData, nonce, key),
  aeadSealInPlace: (box) => {
    box.input.set(wasmPrimitives.aeadSeal({ ...box, input: box.input.subarray(0, -TAG_BYTES) }));
  },
  aeadOpenInPlace: (box) => {
    box.input.set(wasmPrimitives.aeadOpen(box));
  },
};
