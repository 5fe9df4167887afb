/** A copy with one bit of one byte changed. */
export function flipped(original: Uint8Array, at: number): Uint8Array {
  const copy = original.slice();
  const index = at % copy.length;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
