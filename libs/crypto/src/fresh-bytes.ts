/**
 * Bytes that are written as a whole before anybody reads them. Few come from Node's pool: memory of their own outside
 * the heap would cost more than most of what is computed here. A plain array, for a Buffer's `slice` does not copy. What is
 * kept for long should be copied, since it keeps its neighbours too.
 */
export function freshBytes(size: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafe(size);
  return new Uint8Array(buffer, byteOffset, size);
}
