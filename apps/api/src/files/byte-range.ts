import { type ByteRange } from '@musubi/cell';
import { ApiError } from '../problem/api-error.js';

const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/i;

/** Nothing of what was asked for is there. */
export class RangeError416 extends ApiError {
  constructor(readonly size: number) {
    super('range-not-satisfiable', `The file has ${size} bytes.`);
  }
}

/**
 * What a Range header asks for (RFC 9110 §14): `null` for the whole, also where there are several ranges or another unit, which
 * a server may ignore. @throws RangeError416
 */
export function rangeIn(header: string | undefined, size: number): ByteRange | null {
  const [, from, to] = RANGE.exec(header?.trim() ?? '') ?? [];
  if (from === undefined || to === undefined || from + to === '') return null;
  return from === '' ? lastBytes(Number(to), size) : bytesFrom(Number(from), to, size);
}

/** @throws RangeError416 */
function bytesFrom(first: number, to: string, size: number): ByteRange | null {
  const last = to === '' ? size - 1 : Number(to);
  // A last byte before the first is no range, and so ignored.
  if (to !== '' && last < first) return null;
  if (first >= size) throw new RangeError416(size);
  return { first, last: Math.min(last, size - 1) };
}

/** @throws RangeError416 for none */
function lastBytes(count: number, size: number): ByteRange {
  if (count === 0) throw new RangeError416(size);
  return { first: Math.max(0, size - count), last: size - 1 };
}
