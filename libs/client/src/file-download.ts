import { sha256 } from '@noble/hashes/sha2.js';
import { toBase64Url } from './base64url.js';
import { TimeoutError, UnverifiedFileError } from './errors.js';
import { type FileParts, type KnownFile, type TransferOptions, addressOfFiles } from './file-options.js';
import { type FilePart, knownOf, partOf } from './file-part.js';
import { isPassing } from './transport.js';
import { backoffMs, link, withLimits } from './waiting.js';

interface DownloadRequest {
  readonly id: string;
  readonly known: KnownFile | undefined;
  readonly options: TransferOptions;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** The bytes of one file, to be read once: by `for await`, as a stream, or whole. */
export class FileDownload implements AsyncIterable<Bytes> {
  private readonly address: string;

  constructor(
    private readonly parts: FileParts,
    private readonly request: DownloadRequest,
  ) {
    this.address = `${addressOfFiles(parts)}/${encodeURIComponent(request.id)}`;
  }

  /** @throws UnverifiedFileError instead of giving the last byte of what is not the file */
  async *[Symbol.asyncIterator](): AsyncGenerator<Bytes, void, undefined> {
    const { id, options } = this.request;
    let { known } = this.request;
    const hash = sha256.create();
    let at = 0;
    while (known === undefined || at < known.size) {
      const part = await this.resume(at, known);
      known ??= this.knownFrom(part);
      for await (const bytes of this.rest(part)) {
        at += bytes.length;
        if (at > known.size) throw new UnverifiedFileError(id, 'it has more bytes');
        hash.update(bytes);
        if (at === known.size) this.check(hash.digest(), known);
        options.onProgress?.({ bytes: at, size: known.size });
        yield bytes;
      }
    }
  }

  /** The same as a stream, of which nothing is read ahead. */
  stream(): ReadableStream<Bytes> {
    const { options } = this.request;
    const ending = new AbortController();
    const unlink = link(ending, [options.signal]);
    const request = { ...this.request, options: { ...options, signal: ending.signal } };
    const all = new FileDownload(this.parts, request)[Symbol.asyncIterator]();
    return new ReadableStream<Bytes>(
      {
        pull: async (controller) => {
          const { done, value } = await all.next().catch((error: unknown) => {
            unlink();
            throw error;
          });
          if (done !== true) {
            controller.enqueue(value);
            return;
          }
          unlink();
          controller.close();
        },
        cancel: async (reason) => {
          unlink();
          // A read that is under way would wait for bytes that nobody wants.
          ending.abort(reason);
          await all.return();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** All of them. */
  async bytes(): Promise<Bytes> {
    const chunks: Bytes[] = [];
    for await (const chunk of this) chunks.push(chunk);
    return new Uint8Array(await new Blob(chunks).arrayBuffer());
  }

  private knownFrom(part: FilePart): KnownFile {
    try {
      return knownOf(part, this.request.id);
    } catch (error) {
      part.reader.cancel(error).catch(() => undefined);
      throw error;
    }
  }

  private check(digest: Uint8Array, known: KnownFile): void {
    if (toBase64Url(digest) !== known.digest)
      throw new UnverifiedFileError(this.request.id, 'its digest is another');
  }

  /** Goes on from that byte. An attempt that brings no byte has failed, so that the attempts come to an end. */
  private async resume(at: number, known: KnownFile | undefined): Promise<FilePart> {
    const { transport, waiting } = this.parts;
    const { signal, ...options } = this.request.options;
    const attempts = at > 0 ? options.attempts : undefined;
    if (at > 0) await waiting.sleep(backoffMs(0, waiting.random), signal);
    return transport.repeated(() => this.attempt(at, known), { attempts, signal, mayRepeat: isPassing });
  }

  private attempt(at: number, known: KnownFile | undefined): Promise<FilePart> {
    return this.limited(async (signal, onBytes) => {
      const headers = {
        // Of a part the bytes come as they are; a browser says that itself.
        'accept-encoding': 'identity',
        range: `bytes=${at}-`,
        // A file never changes under its id.
        ...(at === 0 ? {} : { 'if-range': `"${this.request.id}"` }),
      };
      const request = new Request(this.address, { headers, redirect: 'error' });
      const response = await this.parts.transport.open(request, signal);
      return partOf(response, { id: this.request.id, at, known, url: this.address, onBytes });
    });
  }

  /** What is left of a part, until its end or a break: both are seen by what is still missing. */
  private async *rest({ first, reader }: FilePart): AsyncGenerator<Bytes, void, undefined> {
    const { signal } = this.request.options;
    const cancel = (): void => void reader.cancel(signal?.reason).catch(() => undefined);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      for (let next: Bytes | undefined = first; next !== undefined; next = await this.next(reader))
        yield next;
    } finally {
      signal?.removeEventListener('abort', cancel);
      cancel();
    }
  }

  private async next(reader: FilePart['reader']): Promise<Bytes | undefined> {
    try {
      const { done, value } = await this.limited(() => reader.read());
      return done ? undefined : value;
    } catch {
      this.request.options.signal?.throwIfAborted();
      return undefined;
    }
  }

  private limited<Value>(work: (signal: AbortSignal, renew: () => void) => Promise<Value>): Promise<Value> {
    const { signal, timeoutMs = this.parts.transport.timeoutMs } = this.request.options;
    const timeout = (): Error => new TimeoutError(this.address, timeoutMs);
    return withLimits({ signals: [signal], timeoutMs, timeout }, work);
  }
}
