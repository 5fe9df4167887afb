/** A column's value as the bytes that could hold something to find; `null` for numbers, booleans, times and nothing. */
export function bytesOfValue(value: unknown): Uint8Array | null {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return Buffer.from(value);
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    return Buffer.from(JSON.stringify(value));
  }
  return null;
}
