import { InvalidKeyError } from './crypto.errors.js';
import { OwnSignatures } from './own-signatures.js';
import { primitives } from './primitives/index.js';

/** Ed25519: public key 32 bytes, secret key 64. */
export interface SignKeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

const SEED_BYTES = 32;
const PUBLIC_KEY_BYTES = 32;
const SECRET_KEY_BYTES = 64;
const SIGNATURE_BYTES = 64;

const own = new OwnSignatures();
/** The public keys of secret keys that were made here, and so belong together. */
const publicKeys = new WeakMap<Uint8Array, Uint8Array>();

/** @throws InvalidKeyError unless the seed has 32 bytes */
export function signKeyPairFromSeed(seed: Uint8Array): SignKeyPair {
  if (seed.length !== SEED_BYTES) throw new InvalidKeyError('a seed has 32 bytes');
  const pair = primitives().signKeyPair(seed);
  publicKeys.set(pair.secretKey, pair.publicKey);
  return pair;
}

/** 64 bytes. @throws InvalidKeyError unless the secret key has 64 */
export function sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  if (secretKey.length !== SECRET_KEY_BYTES) throw new InvalidKeyError('a secret key has 64 bytes');
  const signature = primitives().sign(message, secretKey);
  const publicKey = publicKeys.get(secretKey);
  if (publicKey !== undefined) own.note(signature, message, publicKey);
  return signature;
}

/** False for anything but a good signature, malformed keys and signatures included. */
export function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== PUBLIC_KEY_BYTES) return false;
  return own.has(signature, message, publicKey) || primitives().verify(signature, message, publicKey);
}
