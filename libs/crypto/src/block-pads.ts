import { createCipheriv } from 'node:crypto';
import { InvalidKeyError } from './crypto.errors.js';

/** The bytes of a block, and of its pad. */
export const BLOCK_BYTES = 16;

const KEY_BYTES = 32;

/** @returns the pad of each block of 16 bytes */
export type BlockPads = (blocks: Uint8Array) => Uint8Array;

/**
 * AES-256 of each block of 16 bytes (FIPS 197): a pad for each, which only the key tells from random bytes as long as no
 * block has two uses. By OpenSSL and not by libsodium, since all blocks go in at once: 0.04 µs each, where a keyed
 * hash takes 5. One cipher for all calls, since it has no state between whole blocks, and making it took 75 µs on a
 * busy machine.
 * @throws InvalidKeyError unless the key has 32 bytes
 */
export function blockPads(key: Uint8Array): BlockPads {
  if (key.length !== KEY_BYTES) throw new InvalidKeyError('a key for pads has 32 bytes');
  const cipher = createCipheriv('aes-256-ecb', key, null);
  cipher.setAutoPadding(false);
  return (blocks) => {
    // What is no whole block would wait in the cipher for the next call.
    if (blocks.length % BLOCK_BYTES !== 0) throw new RangeError('blocks have 16 bytes each');
    return cipher.update(blocks);
  };
}
