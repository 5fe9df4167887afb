import { createHash } from 'node:crypto';
import { type RandomBytes } from '@musubi/crypto';

/** Bytes that one seed gives again and again: SHAKE256 of seed and count. For keys of a lab, and no others. */
export function seededBytes(seed: number): RandomBytes {
  let drawn = 0;
  return (length) => {
    drawn += 1;
    return new Uint8Array(
      createHash('shake256', { outputLength: length }).update(`${seed}/${drawn}`).digest(),
    );
  };
}
