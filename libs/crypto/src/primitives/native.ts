import { freshBytes } from '../fresh-bytes.js';
import { type Primitives } from './primitives.js';

/** The part of sodium-native that is used; outputs are written into buffers that the caller makes. */
interface SodiumNative {
  crypto_generichash(output: Uint8Array, input: Uint8Array, key?: Uint8Array): void;
  crypto_generichash_batch(output: Uint8Array, parts: readonly Uint8Array[]): void;
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  crypto_sign_ed25519_pk_to_curve25519(output: Uint8Array, publicKey: Uint8Array): void;
  crypto_sign_ed25519_sk_to_curve25519(output: Uint8Array, secretKey: Uint8Array): void;
  crypto_scalarmult(output: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): void;
  crypto_scalarmult_base(output: Uint8Array, secretKey: Uint8Array): void;
  crypto_aead_xchacha20poly1305_ietf_encrypt(
    ...box: [Uint8Array, Uint8Array, Uint8Array, null, Uint8Array, Uint8Array]
  ): void;
  crypto_aead_xchacha20poly1305_ietf_decrypt(
    ...box: [Uint8Array, null, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  ): void;
}

const TAG_BYTES = 16;
const KEY_BYTES = 32;
const HASH_BYTES = 32;

/** What is used up soon. */
function filled(size: number, fill: (output: Uint8Array) => void): Uint8Array {
  const output = freshBytes(size);
  fill(output);
  return output;
}

/** A key, which may be kept for long. */
function filledKey(fill: (output: Uint8Array) => void): Uint8Array {
  const output = new Uint8Array(KEY_BYTES);
  fill(output);
  return output;
}

function signatures(sodium: SodiumNative): Pick<Primitives, 'signKeyPair' | 'sign' | 'verify'> {
  return {
    signKeyPair: (seed) => {
      const secretKey = new Uint8Array(64);
      const publicKey = filledKey((output) => {
        sodium.crypto_sign_seed_keypair(output, secretKey, seed);
      });
      return { publicKey, secretKey };
    },
    sign: (message, key) =>
      filled(64, (output) => {
        sodium.crypto_sign_detached(output, message, key);
      }),
    verify: (signature, message, key) => sodium.crypto_sign_verify_detached(signature, message, key),
  };
}

function agreements(
  sodium: SodiumNative,
): Pick<Primitives, 'toX25519PublicKey' | 'toX25519SecretKey' | 'x25519' | 'x25519PublicKey'> {
  return {
    toX25519PublicKey: (key) =>
      filledKey((output) => {
        sodium.crypto_sign_ed25519_pk_to_curve25519(output, key);
      }),
    toX25519SecretKey: (key) =>
      filledKey((output) => {
        sodium.crypto_sign_ed25519_sk_to_curve25519(output, key);
      }),
    x25519: (secretKey, publicKey) =>
      filledKey((output) => {
        sodium.crypto_scalarmult(output, secretKey, publicKey);
      }),
    x25519PublicKey: (secretKey) =>
      filledKey((output) => {
        sodium.crypto_scalarmult_base(output, secretKey);
      }),
  };
}

/** Input and output may be the same bytes: libsodium documents it. */
function inPlace(sodium: SodiumNative): Pick<Primitives, 'aeadSealInPlace' | 'aeadOpenInPlace'> {
  return {
    aeadSealInPlace: ({ input, associatedData, nonce, key }) => {
      const text = input.subarray(0, -TAG_BYTES);
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(input, text, associatedData, null, nonce, key);
    },
    aeadOpenInPlace: ({ input, associatedData, nonce, key }) => {
      const text = input.subarray(0, -TAG_BYTES);
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(text, null, input, associatedData, nonce, key);
    },
  };
}

function primitivesFrom(sodium: SodiumNative): Primitives {
  return {
    ...signatures(sodium),
    ...agreements(sodium),
    ...inPlace(sodium),
    blake2bOf: (parts) =>
      filled(HASH_BYTES, (output) => {
        sodium.crypto_generichash_batch(output, parts);
      }),
    blake2b: (message, key) =>
      filled(HASH_BYTES, (output) => {
        if (key === null) sodium.crypto_generichash(output, message);
        else sodium.crypto_generichash(output, message, key);
      }),
    aeadSeal: ({ input, associatedData, nonce, key }) =>
      filled(input.length + TAG_BYTES, (output) => {
        sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(output, input, associatedData, null, nonce, key);
      }),
    aeadOpen: ({ input, associatedData, nonce, key }) =>
      filled(Math.max(0, input.length - TAG_BYTES), (output) => {
        sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(output, null, input, associatedData, nonce, key);
      }),
  };
}

/** @throws Error that names the package when it is not installed for this platform */
export async function loadNativePrimitives(): Promise<Primitives> {
  const packageName = 'sodium-native';
  try {
    const { default: sodium } = (await import(packageName)) as { readonly default: SodiumNative };
    return primitivesFrom(sodium);
  } catch (error) {
    throw new Error('sodium-native is not installed for this platform', { cause: error });
  }
}
