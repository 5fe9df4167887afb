import { sha256 } from '@noble/hashes/sha2.js';

/** What is uploaded: bytes that stay as they are meanwhile, or a `Blob`, which may lie on a disk. */
export type FileContent = Uint8Array | Blob;

const SLICE_BYTES = 64 * 1024;

export function sizeOf(content: FileContent): number {
  return content instanceof Uint8Array ? content.length : content.size;
}

/** A piece at a time, so that a file on a disk is never whole in memory. */
export async function* slicesOf(content: FileContent): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < sizeOf(content); start += SLICE_BYTES) {
    const end = start + SLICE_BYTES;
    if (content instanceof Uint8Array) yield content.subarray(start, end);
    else yield new Uint8Array(await content.slice(start, end).arrayBuffer());
  }
}

/** SHA-256. WebCrypto would want the whole at once, and is missing in pages that came over plain HTTP. */
export async function digestOf(content: FileContent, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const hash = sha256.create();
  for await (const slice of slicesOf(content)) {
    signal?.throwIfAborted();
    hash.update(slice);
  }
  return hash.digest();
}

/** As `fetch` takes it whole. */
export function wholeOf(content: FileContent): Blob {
  return content instanceof Uint8Array ? new Blob([content.slice()]) : content;
}

/** A body that is read as it is sent. */
export interface StreamedBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** Why the content could not be read, if it could not. `fetch` hides it. */
  readonly failure: () => unknown;
}

/** @param onTaken gets how many bytes have been taken to be sent */
export function streamedBody(content: FileContent, onTaken: (bytes: number) => void): StreamedBody {
  const slices = slicesOf(content);
  let taken = 0;
  let failure: unknown;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          onTaken(taken);
          const { done, value } = await slices.next();
          if (done === true) {
            controller.close();
            return;
          }
          controller.enqueue(value);
          taken += value.length;
        } catch (error) {
          failure = error;
          throw error;
        }
      },
      cancel: async () => {
        await slices.return();
      },
    },
    // Nothing is read ahead: what is asked for next has sent what came before.
    { highWaterMark: 0 },
  );
  return { stream, failure: () => failure };
}

/**
 * Whether a body is sent while it is read, so that somebody can count. Node, Deno and Bun do so. Pages and workers of browsers
 * do it over HTTP/2 at most, fail over HTTP/1.1, and cannot be asked which it is: they get the whole.
 */
export function canStream(): boolean {
  if ('document' in globalThis || 'WorkerGlobalScope' in globalThis) return false;
  let isAsked = false;
  const init = {
    method: 'POST',
    body: new ReadableStream(),
    get duplex(): 'half' {
      isAsked = true;
      return 'half';
    },
  };
  // What knows no streams makes text of it, and says so.
  return !new Request('http://localhost', init).headers.has('content-type') && isAsked;
}
