import { InvalidKeyError } from './crypto.errors.js';
import { framed, framedStart } from './frame.js';
import { primitives } from './primitives/index.js';

const KEY_BYTES = 32;

/**
 * BLAKE2b-256 over the domain and the parts, each preceded by its length as 8 bytes, so that no two inputs are
 * the same bytes. 32 bytes.
 */
export function hash(domain: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return primitives().blake2b(framed(domain, parts), null);
}

/** The same of one large part, without a copy of it. */
export function hashLarge(domain: string, part: Uint8Array): Uint8Array {
  return primitives().blake2bOf([framedStart(domain, part.length), part]);
}

/** Keyed BLAKE2b-256 over the same framing: a MAC and a PRF. @throws InvalidKeyError unless the key has 32 bytes */
export function keyedHash(key: Uint8Array, domain: string, ...parts: readonly Uint8Array[]): Uint8Array {
  if (key.length !== KEY_BYTES) throw new InvalidKeyError('a hash key has 32 bytes');
  return primitives().blake2b(framed(domain, parts), key);
}
