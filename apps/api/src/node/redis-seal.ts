import { CryptoError, hash, keyedHash, open, pad, seal, toBase64Url, unpad } from '@musubi/crypto';
// Without a trace at run time: the client behind it is loaded only where there is a Redis.
import type { RedisSeal } from '@musubi/network/redis';

const DOMAIN = 'musubi/redis';
/** Of frames. The longest of an act with a short text, a pushed link with its letter, has some 1900 bytes unpadded. */
const SMALLEST_CLASS_BYTES = 2048;
const encoder = new TextEncoder();

/**
 * Two keys from the node's secret, which every process on one database has: one for names, one for bytes. A sealed
 * frame has 40 bytes more than its size class: 2048 at least, then Padmé's.
 */
export function makeRedisSeal(nodeSecret: Uint8Array): RedisSeal {
  const namingKey = hash(`${DOMAIN}/naming`, nodeSecret);
  const sealingKey = hash(`${DOMAIN}/sealing`, nodeSecret);
  return {
    channelOf: (topic) => `musubi:${toBase64Url(keyedHash(namingKey, DOMAIN, encoder.encode(topic)))}`,
    seal: (channel, plaintext) =>
      seal({
        key: sealingKey,
        plaintext: pad(plaintext, SMALLEST_CLASS_BYTES),
        associatedData: encoder.encode(channel),
      }),
    open: (channel, sealed) => {
      try {
        const padded = open({ key: sealingKey, sealed, associatedData: encoder.encode(channel) });
        return unpad(padded, SMALLEST_CLASS_BYTES);
      } catch (error) {
        if (error instanceof CryptoError) return null;
        throw error;
      }
    },
  };
}
