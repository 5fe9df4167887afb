import { randomFillSync } from 'node:crypto';

/** Where randomness comes from; tests hand in their own. */
export type RandomBytes = (size: number) => Uint8Array;

/** Asked of the operating system at once: a call costs as much as a short signature, whatever its size. */
const POOL_BYTES = 4096;
const LARGEST_SHARE = 256;

const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/** The operating system's. No byte is given twice, and none is left where it was taken from. */
export const randomBytes: RandomBytes = (size) => {
  if (size > LARGEST_SHARE) return randomFillSync(new Uint8Array(size));
  if (used + size > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const share = pool.slice(used, used + size);
  pool.fill(0, used, used + size);
  used += size;
  return share;
};
