import { randomFillSync } from 'node:crypto';

/** Where randomness comes from; tests hand in their own. */
export type RandomBytes = (size: number) => Uint8Array;

/** The operating system's. */
export const randomBytes: RandomBytes = (size) => randomFillSync(new Uint8Array(size));
