import { pad, paddedLength, unpad } from '@musubi/crypto';
import { LinkRefusedError } from './refusals.js';

/** The first byte of a frame. */
export const FRAME_VERSION = 1;
/** The version, and the length of the body as three bytes, most significant first. */
export const HEAD_BYTES = 4;
/** A body's smallest size class, as between processes of one node. */
export const SMALLEST_BODY_BYTES = 2048;
export const MAX_BODY_BYTES = 256 * 1024;

const LENGTH_BYTES = HEAD_BYTES - 1;

/**
 * One frame: head, then the content padded to its size class.
 * @returns null for content that fits in no frame
 */
export function encodeFrame(content: Uint8Array): Uint8Array | null {
  if (content.length >= MAX_BODY_BYTES) return null;
  const length = paddedLength(content.length, SMALLEST_BODY_BYTES);
  if (length > MAX_BODY_BYTES) return null;
  const frame = Buffer.allocUnsafe(HEAD_BYTES + length);
  frame.writeUInt8(FRAME_VERSION, 0);
  frame.writeUIntBE(length, 1, LENGTH_BYTES);
  frame.set(pad(content, SMALLEST_BODY_BYTES), HEAD_BYTES);
  return frame;
}

/**
 * Cuts a stream of bytes into frames, however the bytes arrive. A wrong head is refused when it is there, before
 * anything behind it is kept.
 */
export class FrameReader {
  /** The bytes of the frame that has begun, and room for more of it. */
  private buffer: Uint8Array = new Uint8Array();
  private size = 0;
  /** How long the whole frame is, once its head is there. */
  private frameBytes: number | undefined;

  constructor(private readonly onContent: (content: Uint8Array) => void) {}

  /** @throws LinkRefusedError; nothing may be pushed after it */
  push(chunk: Uint8Array): void {
    this.store(chunk);
    while (this.hasFrame()) this.take();
  }

  /** The stream has ended. @throws LinkRefusedError within a frame */
  end(): void {
    if (this.size > 0) throw new LinkRefusedError('half-frame');
  }

  private hasFrame(): boolean {
    // Known by the first byte of a head: no other is waited for.
    if (this.size > 0 && this.buffer[0] !== FRAME_VERSION) throw new LinkRefusedError('unknown-version');
    if (this.size >= HEAD_BYTES) this.frameBytes ??= HEAD_BYTES + bodyLength(this.buffer);
    return this.frameBytes !== undefined && this.size >= this.frameBytes;
  }

  private take(): void {
    const end = this.frameBytes ?? 0;
    const content = contentOf(this.buffer.subarray(HEAD_BYTES, end));
    this.buffer = this.buffer.subarray(end, this.size);
    this.size -= end;
    this.frameBytes = undefined;
    this.onContent(content);
  }

  /** The room doubles, so that a frame that comes byte by byte costs as much as one that comes at once. */
  private store(chunk: Uint8Array): void {
    const size = this.size + chunk.length;
    if (this.size === 0) {
      this.buffer = chunk;
    } else {
      if (size > this.buffer.length) this.grow(Math.max(size, 2 * this.buffer.length));
      this.buffer.set(chunk, this.size);
    }
    this.size = size;
  }

  private grow(capacity: number): void {
    const larger = new Uint8Array(capacity);
    larger.set(this.buffer.subarray(0, this.size));
    this.buffer = larger;
  }
}

function bodyLength(head: Uint8Array): number {
  const length = Buffer.from(head.buffer, head.byteOffset, HEAD_BYTES).readUIntBE(1, LENGTH_BYTES);
  if (length > MAX_BODY_BYTES) throw new LinkRefusedError('oversized-frame');
  if (length < SMALLEST_BODY_BYTES || paddedLength(length - 1, SMALLEST_BODY_BYTES) !== length)
    throw new LinkRefusedError('unpadded-frame');
  return length;
}

function contentOf(body: Uint8Array): Uint8Array {
  try {
    return unpad(body, SMALLEST_BODY_BYTES);
  } catch {
    throw new LinkRefusedError('unpadded-frame');
  }
}
