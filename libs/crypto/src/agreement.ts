import { LRUCache } from 'lru-cache';
import { InvalidKeyError } from './crypto.errors.js';
import { hash } from './hash.js';
import { primitives } from './primitives/index.js';
import { type SignKeyPair } from './signing.js';

const SIGN_SECRET_KEY_BYTES = 64;

/** X25519: 32 bytes each. */
export interface AgreementKeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/**
 * The X25519 keys that belong to Ed25519 keys, so that one public key names an agent for both.
 * @throws InvalidKeyError for keys that are no Ed25519 keys
 */
export function agreementKeyPair({ publicKey, secretKey }: SignKeyPair): AgreementKeyPair {
  if (secretKey.length !== SIGN_SECRET_KEY_BYTES) throw new InvalidKeyError('a secret key has 64 bytes');
  return {
    publicKey: agreementPublicKey(publicKey),
    secretKey: primitives().toX25519SecretKey(secretKey),
  };
}

/** Converted public keys, by the key's bytes as text: a conversion costs more than an agreement. */
const converted = new LRUCache<string, Uint8Array>({ max: 4096 });

/** @throws InvalidKeyError when the Ed25519 key is no point of the main subgroup */
export function agreementPublicKey(ed25519PublicKey: Uint8Array): Uint8Array {
  const name = Buffer.from(ed25519PublicKey).toString('latin1');
  const known = converted.get(name) ?? convert(ed25519PublicKey);
  converted.set(name, known);
  return known;
}

function convert(ed25519PublicKey: Uint8Array): Uint8Array {
  try {
    return primitives().toX25519PublicKey(ed25519PublicKey);
  } catch (error) {
    throw new InvalidKeyError('not an Ed25519 public key', { cause: error });
  }
}

/**
 * 32 bytes that only the two key holders can compute, the same for both: BLAKE2b-256 over the X25519 product
 * and both public keys, as libsodium's documentation of crypto_scalarmult advises; the keys are sorted, so that
 * it does not matter who is asking.
 * @throws InvalidKeyError when the product would be all zero
 */
export function sharedSecret({
  mine,
  theirs,
}: {
  readonly mine: AgreementKeyPair;
  readonly theirs: Uint8Array;
}): Uint8Array {
  const [low, high] = [mine.publicKey, theirs].sort((a, b) => Buffer.compare(a, b));
  if (low === undefined || high === undefined) throw new InvalidKeyError('two public keys are needed');
  return hash('musubi/shared-secret', product(mine.secretKey, theirs), low, high).slice();
}

/** @throws InvalidKeyError when the product would be all zero */
export function product(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  try {
    return primitives().x25519(secretKey, publicKey);
  } catch (error) {
    throw new InvalidKeyError('a public key of small order', { cause: error });
  }
}
