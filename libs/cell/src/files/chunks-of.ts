import { CHUNK_BYTES } from './sealed-file.js';

/** Cuts a stream into chunks, in the room that is given: each is good until the next one is asked for. */
export async function* chunksOf(
  content: AsyncIterable<Uint8Array>,
  room: Uint8Array,
): AsyncGenerator<Uint8Array> {
  let filled = 0;
  for await (const bytes of content) {
    for (let from = 0; from < bytes.length;) {
      const part = bytes.subarray(from, from + CHUNK_BYTES - filled);
      room.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < CHUNK_BYTES) continue;
      yield room;
      filled = 0;
    }
  }
  if (filled > 0) yield room.subarray(0, filled);
}
