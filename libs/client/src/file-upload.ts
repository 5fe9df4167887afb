import { toBase64Url } from './base64url.js';
import { ProblemError, UnreachableError, UnverifiedFileError } from './errors.js';
import { type FileContent, digestOf, pieceOf, sizeOf } from './file-content.js';
import { type FileParts, type NewFile } from './file-options.js';
import { isPassing } from './transport.js';
import { type MessageFile } from './types.js';
import { type Kept, UploadCalls, mayRepeatUpload } from './upload-calls.js';
import { UploadPieces } from './upload-pieces.js';

interface UploadRequest {
  readonly content: FileContent;
  readonly file: NewFile;
}

/** One file on its way to the service, a piece at a time. After a break it goes on from where the service has it. */
export class FileUpload {
  private readonly size: number;
  private readonly calls: UploadCalls;
  private readonly pieces = new UploadPieces();
  private told = -1;
  /** The answer to the last piece was lost, or it said that another byte is next. */
  private isUnsure = false;

  constructor(
    private readonly parts: Pick<FileParts, 'url' | 'transport'>,
    private readonly request: UploadRequest,
  ) {
    this.size = sizeOf(request.content);
    this.calls = new UploadCalls({ ...parts, file: request.file });
  }

  async run(): Promise<MessageFile> {
    const { content, file } = this.request;
    this.tell(0);
    const digest = await digestOf(content, file.signal);
    const address = await this.repeated(() => this.calls.begin(this.size, digest), undefined);
    const kept = await this.bring(address).catch((error: unknown) => {
      // Nobody waits for that: the service forgets it, too.
      this.calls.abandon(address).catch(() => undefined);
      throw error;
    });
    if (kept.digest !== toBase64Url(digest) || kept.size !== this.size)
      throw new UnverifiedFileError(kept.id, 'the service has kept other bytes');
    this.tell(this.size);
    return kept;
  }

  /** A piece that moves the upload on is a success, after which attempts are counted anew. */
  private async bring(address: string): Promise<MessageFile> {
    let at = 0;
    for (;;) {
      const kept = await this.repeated(() => this.advance(address, at), this.request.file.attempts);
      if (kept.kind === 'file') return kept.file;
      at = kept.offset;
      // The whole is told when the service has made a file of it.
      if (at < this.size) this.tell(at);
    }
  }

  private async advance(address: string, at: number): Promise<Kept> {
    const offset = this.isUnsure ? await this.offset(address, at) : at;
    if (offset !== at) return { kind: 'part', offset };
    const bytes = await pieceOf(this.request.content, at, at + this.pieces.size);
    this.isUnsure = true;
    const kept = await this.append(address, at, bytes);
    this.isUnsure = false;
    if (kept.kind === 'file') return kept;
    this.pieces.sent(bytes.length, kept.offset - at);
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
  private async offset(address: string, at: number): Promise<number> {
    try {
      const offset = await this.calls.offset(address);
      this.isUnsure = false;
      return offset;
    } catch (error) {
      if (error instanceof ProblemError && !isPassing(error)) return at;
      throw error;
    }
  }

  private repeated<Value>(attempt: () => Promise<Value>, attempts: number | undefined): Promise<Value> {
    const { signal } = this.request.file;
    return this.parts.transport.repeated(attempt, { attempts, signal, mayRepeat: mayRepeatUpload });
  }

  /** No byte is told of twice. */
  private tell(bytes: number): void {
    if (bytes <= this.told) return;
    this.told = bytes;
    this.request.file.onProgress?.({ bytes, size: this.size });
  }
}
