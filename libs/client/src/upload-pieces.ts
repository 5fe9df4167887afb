import { TimeoutError } from './errors.js';

const FIRST_BYTES = 256 * 1024;
const MOST_BYTES = 1024 * 1024;

/**
 * How many bytes an upload sends at once. The service keeps whole chunks of a size of its own, and drops what came after the
 * last of them: so pieces become as large as what it keeps, and grow from there, until nothing is sent twice.
 */
export class UploadPieces {
  private bytes = FIRST_BYTES;

  get size(): number {
    return this.bytes;
  }

  /** @param kept of the bytes that were sent */
  sent(sent: number, kept: number): void {
    if (kept === 0) this.bytes = 2 * sent;
    else if (kept < sent) this.bytes = kept;
    if (2 * this.bytes <= MOST_BYTES) this.bytes *= 2;
  }

  /** On a slow link a smaller piece comes in time. */
  failed(error: unknown): void {
    if (error instanceof TimeoutError) this.bytes = Math.max(FIRST_BYTES, Math.floor(this.bytes / 2));
  }
}
