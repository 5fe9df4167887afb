import { type IncomingMessage } from 'node:http';
import { Readable, finished } from 'node:stream';
import { type FastifyInstance } from 'fastify';

/** The most of a request that is read after its answer: more than the largest file. */
const MAX_LEFT_BYTES = 16 * 1_048_576;

/**
 * Lets a client read an answer that comes before its request has arrived whole. A connection that ends with bytes unread
 * is reset, and a client may lose the answer with it (RFC 9112 §9.6). So such an answer goes out at once, and ends when the
 * rest has arrived and is thrown away. The time that a request may take bounds this too.
 */
export function endAfterBodies(http: FastifyInstance): void {
  http.addHook('onSend', ({ raw }, reply, payload) => {
    if (typeof payload !== 'string' || raw.complete || !hasBody(raw)) return Promise.resolve(payload);
    void reply.header('content-length', Buffer.byteLength(payload));
    return Promise.resolve(untilArrived(payload, raw));
  });
}

/** A request without a body is not complete either when it is answered in the turn that read its headers. */
function hasBody({ headers }: IncomingMessage): boolean {
  return 'transfer-encoding' in headers || Number(headers['content-length'] ?? 0) > 0;
}

function untilArrived(payload: string, request: IncomingMessage): Readable {
  const answer = new Readable({ read: () => undefined });
  answer.push(payload);
  finished(request, { writable: false }, () => answer.push(null));
  let left = 0;
  request.on('data', (bytes: Buffer) => {
    left += bytes.length;
    if (left > MAX_LEFT_BYTES) request.destroy();
  });
  // Whatever it went to takes no more of it, and would hold it up.
  request.unpipe().resume();
  return answer;
}
