import { sha256 } from '@noble/hashes/sha2.js';

/** What is uploaded: bytes that stay as they are meanwhile, or a `Blob`, which may lie on a disk. */
export type FileContent = Uint8Array | Blob;

const SLICE_BYTES = 64 * 1024;

export function sizeOf(content: FileContent): number {
  return content instanceof Uint8Array ? content.length : content.size;
}

/** The bytes from `start` on, before `end`. Of a `Blob` they are read now. */
export async function pieceOf(
  content: FileContent,
  start: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (content instanceof Uint8Array) return content.slice(start, end);
  return new Uint8Array(await content.slice(start, end).arrayBuffer());
}

/** SHA-256. WebCrypto would want the whole at once, and is missing in pages that came over plain HTTP. */
export async function digestOf(content: FileContent, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const hash = sha256.create();
  // A piece at a time, so that a file on a disk is never whole in memory.
  for (let start = 0; start < sizeOf(content); start += SLICE_BYTES) {
    signal?.throwIfAborted();
    hash.update(await pieceOf(content, start, start + SLICE_BYTES));
  }
  return hash.digest();
}
