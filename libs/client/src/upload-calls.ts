import { toBase64Url } from './base64url.js';
import { OutdatedServiceError, ProblemError, TimeoutError, UnreachableError } from './errors.js';
import { type FileParts, type NewFile, addressOfUploads } from './file-options.js';
import { isPassing } from './transport.js';
import { type MessageFile } from './types.js';
import { withLimits } from './waiting.js';

/** How far the service has an upload: up to a byte, or as a whole file. */
export type Kept =
  { readonly kind: 'part'; readonly offset: number } | { readonly kind: 'file'; readonly file: MessageFile };

interface UploadCallsParts extends Pick<FileParts, 'url' | 'transport'> {
  readonly file: NewFile;
}

/** The answer to an earlier attempt was lost: the service has its bytes. */
const MOVED_ON: ReadonlySet<string> = new Set(['upload-offset-wrong']);
/** The API of this version names it for none of its own paths. */
const UNKNOWN_PATH: ReadonlySet<string> = new Set(['not-found']);
/** Room comes by deletions. */
const NOT_REPEATED: ReadonlySet<string> = new Set(['file-quota-exceeded']);

/** Single attempts at the calls of one upload, each within its time-out. */
export class UploadCalls {
  constructor(private readonly parts: UploadCallsParts) {}

  /** Begins an upload. @returns its address */
  async begin(size: number, digest: Uint8Array): Promise<string> {
    const { name, mediaType = 'application/octet-stream' } = this.parts.file;
    const body = JSON.stringify({ name, mediaType, size, digest: toBase64Url(digest) });
    const headers = { 'content-type': 'application/json' };
    const uploads = addressOfUploads(this.parts);
    const begun = this.call(uploads, { method: 'POST', headers, body }, async (response) => {
      const { upload } = (await response.json()) as { readonly upload: string };
      return `${uploads}/${encodeURIComponent(upload)}`;
    });
    return begun.catch((cause: unknown) => {
      const isNowhere = cause instanceof ProblemError && UNKNOWN_PATH.has(cause.code);
      throw isNowhere ? new OutdatedServiceError(uploads, { cause }) : cause;
    });
  }

  /** From which byte on the service wants it. */
  offset(address: string): Promise<number> {
    return this.call(address, { method: 'HEAD' }, (response) => offsetIn(response, address));
  }

  append(address: string, at: number, bytes: Uint8Array<ArrayBuffer>): Promise<Kept> {
    const headers = { 'content-type': 'application/partial-upload', 'upload-offset': String(at) };
    return this.call(address, { method: 'PATCH', headers, body: bytes }, async (response) => {
      if (response.status === 201) return { kind: 'file', file: (await response.json()) as MessageFile };
      return { kind: 'part', offset: await offsetIn(response, address) };
    });
  }

  private call<Answer>(
    address: string,
    init: RequestInit,
    read: (response: Response) => Promise<Answer>,
  ): Promise<Answer> {
    const { file, transport } = this.parts;
    const { signal, timeoutMs = transport.timeoutMs } = file;
    const timeout = (): Error => new TimeoutError(address, timeoutMs);
    return withLimits({ signals: [signal], timeoutMs, timeout }, async (ending) => {
      const response = await transport.open(new Request(address, { ...init, redirect: 'error' }), ending);
      try {
        return await read(response);
      } catch (cause) {
        throw new UnreachableError(address, { cause });
      }
    });
  }
}

/** Whether the same call may succeed later. */
export function mayRepeatUpload(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return isPassing(error);
  return MOVED_ON.has(error.code) || (isPassing(error) && !NOT_REPEATED.has(error.code));
}

async function offsetIn({ headers, body }: Response, url: string): Promise<number> {
  await body?.cancel();
  const offset = Number(headers.get('upload-offset') ?? NaN);
  if (Number.isSafeInteger(offset)) return offset;
  throw new UnreachableError(url, undefined, `${new URL(url).origin} does not say how far the upload is`);
}
