import { createHash } from 'node:crypto';
import { type RandomBytes } from '@musubi/crypto';

/** The same bytes for the same seed, so that a run can be had again. */
export function seededBytes(seed: number): RandomBytes {
  let drawn = 0;
  return (size) => {
    drawn += 1;
    return new Uint8Array(createHash('shake256', { outputLength: size }).update(`${seed}/${drawn}`).digest());
  };
}

/** A number in [0, 1). */
export function fraction(random: RandomBytes): number {
  return new DataView(random(4).buffer).getUint32(0) / 2 ** 32;
}
