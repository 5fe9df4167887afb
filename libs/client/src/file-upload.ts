import { toBase64, toBase64Url } from './base64url.js';
import { ProblemError, TimeoutError, UnreachableError, UnverifiedFileError } from './errors.js';
import { type FileContent, digestOf, sizeOf, streamedBody, wholeOf } from './file-content.js';
import { type FileParts, type NewFile, addressOfFiles } from './file-options.js';
import { isPassing } from './transport.js';
import { type MessageFile } from './types.js';
import { withLimits } from './waiting.js';

interface UploadRequest {
  readonly content: FileContent;
  readonly file: NewFile;
  readonly streams: boolean;
}

/** The longest time that a service can be set to wait for a body. Where nobody can count, only that bounds an attempt. */
const LONGEST_ARRIVAL_MS = 600_000;

/** One file on its way to the service, attempt after attempt. */
export class FileUpload {
  private readonly size: number;
  private told = -1;

  constructor(
    private readonly parts: Pick<FileParts, 'url' | 'transport'>,
    private readonly request: UploadRequest,
  ) {
    this.size = sizeOf(request.content);
  }

  async run(): Promise<MessageFile> {
    const { content, file } = this.request;
    this.tell(0);
    const digest = await digestOf(content, file.signal);
    const kept = await this.parts.transport.repeated(() => this.attempt(digest), {
      signal: file.signal,
      mayRepeat,
    });
    if (kept.digest !== toBase64Url(digest) || kept.size !== this.size)
      throw new UnverifiedFileError(kept.id, 'the service has kept other bytes');
    this.tell(this.size);
    return kept;
  }

  private attempt(digest: Uint8Array): Promise<MessageFile> {
    const { file, streams } = this.request;
    const { transport } = this.parts;
    const { name, mediaType = 'application/octet-stream' } = file;
    const query = new URLSearchParams({ name, mediaType }).toString();
    const address = `${addressOfFiles(this.parts)}?${query}`;
    const timeoutMs = (file.timeoutMs ?? transport.timeoutMs) + (streams ? 0 : LONGEST_ARRIVAL_MS);
    const timeout = (): Error => new TimeoutError(address, timeoutMs);
    return withLimits({ signals: [file.signal], timeoutMs, timeout }, async (signal, renew) => {
      const { init, failure } = this.body(renew);
      const headers = {
        'content-type': 'application/octet-stream',
        'repr-digest': `sha-256=:${toBase64(digest)}:`,
        // A browser sets it itself.
        'content-length': String(this.size),
      };
      const request = new Request(address, { method: 'POST', headers, redirect: 'error', ...init });
      const response = await transport.open(request, signal).catch((error: unknown) => {
        throw failure() ?? error;
      });
      return fileIn(response, address);
    });
  }

  private body(renew: () => void): { readonly init: RequestInit; readonly failure: () => unknown } {
    const { content, streams } = this.request;
    if (!streams) return { init: { body: wholeOf(content) }, failure: () => undefined };
    const { stream, failure } = streamedBody(content, (bytes) => {
      renew();
      // The whole is told when the service has it.
      if (bytes < this.size) this.tell(bytes);
    });
    const init = { body: stream, duplex: 'half' as const };
    return { init, failure };
  }

  /** A repeat begins anew, and tells of no byte twice. */
  private tell(bytes: number): void {
    if (bytes <= this.told) return;
    this.told = bytes;
    this.request.file.onProgress?.({ bytes, size: this.size });
  }
}

/** Room comes by deletions, and a faster link not by the same bytes again. */
const NOT_REPEATED: ReadonlySet<string> = new Set(['file-quota-exceeded', 'request-timeout']);

function mayRepeat(error: unknown): boolean {
  return isPassing(error) && !(error instanceof ProblemError && NOT_REPEATED.has(error.code));
}

async function fileIn(response: Response, url: string): Promise<MessageFile> {
  try {
    return (await response.json()) as MessageFile;
  } catch (cause) {
    throw new UnreachableError(url, { cause });
  }
}
