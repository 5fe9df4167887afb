import { UnreachableError, UnverifiedFileError } from './errors.js';
import { type KnownFile } from './file-options.js';

type Bytes = Uint8Array<ArrayBuffer>;
type Reader = ReadableStreamDefaultReader<Bytes>;

/** What an answer has of a file. */
export interface FilePart {
  /** What the service says of the whole. `NaN` and `null`: nothing. */
  readonly size: number;
  readonly digest: string | null;
  /** The bytes from where it was to go on; there is one at least. */
  readonly first: Bytes;
  readonly reader: Reader;
}

interface Asked {
  readonly id: string;
  /** Of the first byte that is missing. */
  readonly at: number;
  readonly url: string;
  readonly known: KnownFile | undefined;
  readonly onBytes: () => void;
}

/** @throws UnreachableError when no byte comes, UnverifiedFileError when it is a part of something else */
export async function partOf(response: Response, asked: Asked): Promise<FilePart> {
  const reader = (response.body as ReadableStream<Bytes> | null)?.getReader();
  if (reader === undefined) throw new UnreachableError(asked.url);
  try {
    const { start, size } = placeOf(response, asked);
    if (asked.known !== undefined && !Number.isNaN(size) && size !== asked.known.size)
      throw new UnverifiedFileError(asked.id, 'its size is another');
    const first = await firstOf(reader, asked, asked.at - start);
    return { size, digest: digestIn(response.headers), first, reader };
  } catch (error) {
    reader.cancel(error).catch(() => undefined);
    throw error;
  }
}

/** What the service says of a file of which the caller has the id alone. @throws UnverifiedFileError */
export function knownOf({ size, digest }: FilePart, id: string): KnownFile {
  if (Number.isNaN(size) || digest === null)
    throw new UnverifiedFileError(id, 'the answer has no size or no digest');
  return { size, digest };
}

const RANGE = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/;

/** Who does not keep to the range sends the whole. A page may not be shown the header of an answer of another origin. */
function placeOf({ status, headers }: Response, { at, id }: Asked): { start: number; size: number } {
  if (status !== 206) return { start: 0, size: Number(headers.get('content-length') ?? NaN) };
  const range = headers.get('content-range');
  if (range === null) return { start: at, size: NaN };
  const [, start = '', size = ''] = RANGE.exec(range) ?? [];
  if (start !== String(at)) throw new UnverifiedFileError(id, 'another part of it came');
  return { start: at, size: Number(size) };
}

async function firstOf(reader: Reader, { url, onBytes }: Asked, skipped: number): Promise<Bytes> {
  let left = skipped;
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new UnreachableError(url, { cause });
    });
    if (done) throw new UnreachableError(url);
    onBytes();
    if (value.length > left) return value.subarray(left);
    left -= value.length;
  }
}

/** Base64url, as messages have it. */
function digestIn(headers: Headers): string | null {
  const [, digest] = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]+):/.exec(headers.get('repr-digest') ?? '') ?? [];
  return digest?.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') ?? null;
}
