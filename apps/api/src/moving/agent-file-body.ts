import { Readable, Transform, finished } from 'node:stream';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { ApiError } from '../problem/api-error.js';

export const AGENT_FILE_TYPE = 'application/vnd.musubi.agent';
/** Some 300,000 messages. */
const MAX_FILE_BYTES = 1024 ** 3;

/** A file is read as it comes: no body of it is ever whole in memory. */
export function takeAgentFiles(http: FastifyInstance): void {
  http.addContentTypeParser(AGENT_FILE_TYPE, (_request: unknown, payload: Readable, done: Done) => {
    done(null, payload);
  });
}

type Done = (error: null, body: Readable) => void;

/** The file in a request. @throws ApiError `unsupported-media-type` */
export function agentFileOf({ body }: Pick<FastifyRequest, 'body'>): AsyncIterable<Uint8Array> {
  if (body instanceof Readable) return pipedTo(bounded(), body);
  throw new ApiError(
    'unsupported-media-type',
    `The body must be the file of an agent, with the type ${AGENT_FILE_TYPE}.`,
  );
}

/** Piping alone leaves the reader of a body that is cut off waiting for ever. */
function pipedTo(target: Transform, body: Readable): Transform {
  finished(body, { writable: false }, (error) => {
    if (error !== null && error !== undefined)
      target.destroy(new ApiError('request-timeout', 'The file has not arrived whole.'));
  });
  // Nobody may be reading it: the request may have been refused.
  target.on('error', () => undefined);
  return body.pipe(target);
}

function bounded(): Transform {
  let left = MAX_FILE_BYTES;
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      left -= chunk.length;
      if (left >= 0) done(null, chunk);
      else done(new ApiError('payload-too-large', `The file is larger than ${MAX_FILE_BYTES} bytes.`));
    },
  });
}
