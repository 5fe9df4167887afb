import { Readable, finished } from 'node:stream';
import { MAX_FILE_BYTES } from '@musubi/messaging';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { ApiError } from '../problem/api-error.js';

const FILE_TYPE = 'application/octet-stream';
export const FORM_TYPE = 'multipart/form-data';
/** Of the IETF's draft “Resumable Uploads for HTTP”. */
export const PART_TYPE = 'application/partial-upload';
/** By type, the one route that takes it. */
const PATHS = [
  [FILE_TYPE, '/v1/files'],
  [FORM_TYPE, '/v1/files'],
  [PART_TYPE, '/v1/uploads/:upload'],
] as const;

type Done = (error: Error | null, body?: Readable) => void;

/** A file is read as it comes: no body of it is ever whole in memory. Other routes take no such body. */
export function takeFiles(http: FastifyInstance): void {
  for (const [type, path] of PATHS)
    http.addContentTypeParser(type, (request: FastifyRequest, payload: Readable, done: Done) => {
      if (request.routeOptions.url === path) done(null, payload);
      else
        done(
          new ApiError('unsupported-media-type', 'The body must be JSON, with the type application/json.'),
        );
    });
}

/** A file in a request. */
export interface FileBody {
  /** What was announced, if anything was. */
  readonly size: number | undefined;
  readonly content: AsyncIterable<Uint8Array>;
}

export type Bodied = Pick<FastifyRequest, 'body' | 'headers'>;

/** @throws ApiError `unsupported-media-type`, `payload-too-large` by what is announced; the content does so as it is read */
export function fileBodyOf(request: Bodied): FileBody {
  return boundedBodyOf(request, {
    wanted: `The body must be a file, with the type ${FILE_TYPE} or ${FORM_TYPE}.`,
    bytes: MAX_FILE_BYTES,
    tooLarge: fileTooLarge,
  });
}

/** What comes of a file of which some is there. @param left how many bytes are missing. @throws as `fileBodyOf` does */
export function partBodyOf(request: Bodied, left: number): FileBody {
  return boundedBodyOf(request, {
    wanted: `The body must be bytes of the file, with the type ${PART_TYPE}.`,
    bytes: left,
    tooLarge: () => new ApiError('payload-too-large', `The upload lacks ${left} bytes, and more came.`),
  });
}

interface BodyBound {
  readonly wanted: string;
  readonly bytes: number;
  readonly tooLarge: () => ApiError;
}

/** @throws ApiError `unsupported-media-type`, and what `tooLarge` gives: by what is announced, or as the content is read */
export function boundedBodyOf({ body, headers }: Bodied, bound: BodyBound): FileBody {
  if (!(body instanceof Readable)) throw new ApiError('unsupported-media-type', bound.wanted);
  const announced = headers['content-length'];
  const size = announced === undefined ? undefined : Number(announced);
  if (size !== undefined && size > bound.bytes) throw bound.tooLarge();
  return { size, content: bounded(body, bound) };
}

async function* bounded(body: Readable, { bytes: most, tooLarge }: BodyBound): AsyncGenerator<Uint8Array> {
  const cut = watchEnd(body);
  let read = 0;
  try {
    // What is refused is answered first: destroying the body would destroy the connection.
    for await (const bytes of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      read += bytes.length;
      if (read > most) throw tooLarge();
      yield bytes;
    }
  } catch (error) {
    throw cut.isCut ? new ApiError('request-timeout', 'The file has not arrived whole.') : error;
  }
}

/** Whether the connection ended before the body did. */
function watchEnd(body: Readable): { readonly isCut: boolean } {
  const state = { isCut: false };
  finished(body, { writable: false }, (error) => {
    state.isCut = error !== null && error !== undefined && !body.readableEnded;
  });
  return state;
}

export function fileTooLarge(): ApiError {
  return new ApiError('payload-too-large', `A file has at most ${MAX_FILE_BYTES} bytes.`);
}
