import { timingSafeEqual } from 'node:crypto';

/** Compares without telling, by its time, where the first difference is. Lengths are not secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
