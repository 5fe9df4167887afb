import { type AbandonedUploads } from './abandoned-uploads.js';
import { toBase64Url } from './base64url.js';
import { ProblemError, UnreachableError, UnverifiedFileError } from './errors.js';
import { type FileContent, digestOf, pieceOf, sizeOf } from './file-content.js';
import { type FileParts, type NewFile } from './file-options.js';
import { isPassing } from './transport.js';
import { type MessageFile } from './types.js';
import { type Kept, UploadCalls, mayRepeatUpload } from './upload-calls.js';
import { UploadPieces } from './upload-pieces.js';
import { orAborted } from './waiting.js';

interface UploadRequest {
  readonly content: FileContent;
  readonly file: NewFile;
}

interface UploadParts extends Pick<FileParts, 'url' | 'transport'> {
  readonly abandoned: AbandonedUploads;
}

/** An upload that gets no further for so long is given up. Breaks are what it is for. */
const PATIENCE_MS = 5 * 60_000;

/** One file on its way to the service, a piece at a time. After a break it goes on from where the service has it. */
export class FileUpload {
  private readonly size: number;
  private readonly calls: UploadCalls;
  private readonly pieces = new UploadPieces();
  private told = -1;
  /** The next byte to send, and the highest that ever was: only beyond that the upload gets further. */
  private at = 0;
  private highest = 0;
  /** The answer to the last piece was lost, or it said that another byte is next. */
  private isUnsure = false;

  constructor(
    private readonly parts: UploadParts,
    private readonly request: UploadRequest,
  ) {
    this.size = sizeOf(request.content);
    this.calls = new UploadCalls({ ...parts, file: request.file });
  }

  async run(): Promise<MessageFile> {
    const { content, file } = this.request;
    const { abandoned } = this.parts;
    this.tell(0);
    const digest = await digestOf(content, file.signal);
    await orAborted(abandoned.sweep(), file.signal);
    const address = await this.begin(digest);
    const kept = await this.bring(address).catch((error: unknown) => {
      abandoned.add(address);
      throw error;
    });
    if (kept.digest !== toBase64Url(digest) || kept.size !== this.size)
      throw new UnverifiedFileError(kept.id, 'the service has kept other bytes');
    this.tell(this.size);
    return kept;
  }

  private begin(digest: Uint8Array): Promise<string> {
    const { signal } = this.request.file;
    return this.parts.transport.repeated(() => this.calls.begin(this.size, digest), {
      ...{ signal, mayRepeat: mayRepeatUpload },
    });
  }

  /** A piece that moves the upload on is a success, after which attempts and time are counted anew. */
  private async bring(address: string): Promise<MessageFile> {
    const { signal, attempts = Infinity } = this.request.file;
    const repetition = { signal, attempts, patienceMs: PATIENCE_MS, mayRepeat: mayRepeatUpload };
    for (;;) {
      const kept = await this.parts.transport.repeated(() => this.advance(address), repetition);
      if (kept.kind === 'file') return kept.file;
      this.highest = kept.offset;
      // The whole is told when the service has made a file of it.
      if (kept.offset < this.size) this.tell(kept.offset);
    }
  }

  /** Sends pieces until the service has more than it ever had. */
  private async advance(address: string): Promise<Kept> {
    if (this.isUnsure) await this.look(address);
    while (this.at <= this.highest) {
      const kept = await this.send(address);
      if (kept.kind === 'file') return kept;
    }
    return { kind: 'part', offset: this.at };
  }

  private async send(address: string): Promise<Kept> {
    const { at } = this;
    const bytes = await pieceOf(this.request.content, at, at + this.pieces.size);
    this.isUnsure = true;
    const kept = await this.append(address, at, bytes);
    this.isUnsure = false;
    if (kept.kind === 'file') return kept;
    this.pieces.sent(bytes.length, Math.max(0, kept.offset - at));
    this.at = kept.offset;
    if (kept.offset > at) return kept;
    throw new UnreachableError(address, undefined, 'The service has kept nothing of what was sent');
  }

  private async append(address: string, at: number, bytes: Uint8Array<ArrayBuffer>): Promise<Kept> {
    try {
      return await this.calls.append(address, at, bytes);
    } catch (error) {
      this.pieces.failed(error);
      throw error;
    }
  }

  /** A refusal of `HEAD` has no words. The next piece is told why, so that signing in again helps where it can. */
  private async look(address: string): Promise<void> {
    try {
      this.at = await this.calls.offset(address);
      this.isUnsure = false;
    } catch (error) {
      if (!(error instanceof ProblemError) || isPassing(error)) throw error;
    }
  }

  /** No byte is told of twice. */
  private tell(bytes: number): void {
    if (bytes <= this.told) return;
    this.told = bytes;
    this.request.file.onProgress?.({ bytes, size: this.size });
  }
}
