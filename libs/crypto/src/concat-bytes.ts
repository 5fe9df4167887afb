import { freshBytes } from './fresh-bytes.js';

/** One array of all the parts. Not Buffer.concat: the `slice` of its results does not copy. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = freshBytes(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
