import { hash, keyedHash, open, OpenFailedError, seal, toBase64Url } from '@musubi/crypto';
// Without a trace at run time: the client behind it is loaded only where there is a Redis.
import type { RedisSeal } from '@musubi/network/redis';

const DOMAIN = 'musubi/redis';
const encoder = new TextEncoder();

/** Two keys from the node's secret, which every process on one database has: one for names, one for bytes. */
export function makeRedisSeal(nodeSecret: Uint8Array): RedisSeal {
  const namingKey = hash(`${DOMAIN}/naming`, nodeSecret);
  const sealingKey = hash(`${DOMAIN}/sealing`, nodeSecret);
  return {
    channelOf: (topic) => `musubi:${toBase64Url(keyedHash(namingKey, DOMAIN, encoder.encode(topic)))}`,
    seal: (channel, plaintext) =>
      seal({ key: sealingKey, plaintext, associatedData: encoder.encode(channel) }),
    open: (channel, sealed) => {
      try {
        return open({ key: sealingKey, sealed, associatedData: encoder.encode(channel) });
      } catch (error) {
        if (error instanceof OpenFailedError) return null;
        throw error;
      }
    },
  };
}
