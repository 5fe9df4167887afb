import { Readable, finished } from 'node:stream';
import { MAX_FILE_BYTES } from '@musubi/messaging';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { ApiError } from '../problem/api-error.js';

const FILE_TYPE = 'application/octet-stream';
const FILES_PATH = '/v1/files';

type Done = (error: Error | null, body?: Readable) => void;

/** A file is read as it comes: no body of it is ever whole in memory. Other routes take no such body. */
export function takeFiles(http: FastifyInstance): void {
  http.addContentTypeParser(FILE_TYPE, (request: FastifyRequest, payload: Readable, done: Done) => {
    if (request.routeOptions.url === FILES_PATH) done(null, payload);
    else
      done(new ApiError('unsupported-media-type', 'The body must be JSON, with the type application/json.'));
  });
}

/** A file in a request. */
export interface FileBody {
  /** What was announced, if anything was. */
  readonly size: number | undefined;
  readonly content: AsyncIterable<Uint8Array>;
}

/** @throws ApiError `unsupported-media-type`, `payload-too-large` by what is announced; the content does so as it is read */
export function fileBodyOf({ body, headers }: Pick<FastifyRequest, 'body' | 'headers'>): FileBody {
  if (!(body instanceof Readable))
    throw new ApiError('unsupported-media-type', `The body must be a file, with the type ${FILE_TYPE}.`);
  const announced = headers['content-length'];
  const size = announced === undefined ? undefined : Number(announced);
  if (size !== undefined && size > MAX_FILE_BYTES) throw tooLarge();
  return { size, content: bounded(body) };
}

async function* bounded(body: Readable): AsyncGenerator<Uint8Array> {
  const cut = watchEnd(body);
  let read = 0;
  try {
    // What is refused is answered first: destroying the body would destroy the connection.
    for await (const bytes of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      read += bytes.length;
      if (read > MAX_FILE_BYTES) throw tooLarge();
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

function tooLarge(): ApiError {
  return new ApiError('payload-too-large', `A file has at most ${MAX_FILE_BYTES} bytes.`);
}
