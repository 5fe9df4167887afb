import { type ServerResponse } from 'node:http';
import { type FastifyInstance, type FastifyReply } from 'fastify';
import { networkOf } from './caller-address.js';
import { TryLaterError } from '../problem/api-error.js';
import { problemOf } from '../problem/problem.js';
import { isProbe } from './probes.js';

/** Smaller ones fit the buffers of a connection, and are not worth counting. */
const SMALL_BYTES = 16_384;
const MAX_BYTES_OF_NETWORK = 16 * 1_048_576;
const MAX_BYTES = 64 * 1_048_576;
/** How long a reader may take none of an answer, and all of it, in milliseconds. */
const STALLED_MS = 30_000;
const OVERDUE_MS = 300_000;
const RETRY_AFTER_S = 5;

/** The bytes of answers that wait for their readers: in this process, and of each network. */
export class UnreadAnswers {
  private readonly ofNetwork = new Map<string, number>();
  private total = 0;

  /** @throws TryLaterError when the answers that wait already leave no room */
  assertRoom(network: string, bytes = 0): void {
    const waiting = this.ofNetwork.get(network) ?? 0;
    // Who reads its answers may ask, whatever others leave unread: only a large answer needs room.
    if (waiting === 0 && bytes === 0) return;
    if (this.hasRoom(waiting, bytes)) return;
    throw new TryLaterError('unavailable', 'Too many answers are unread: read them first.', RETRY_AFTER_S);
  }

  /** Counts an answer until its connection has taken it, and ends the connection when its reader takes too long. */
  hold(network: string, bytes: number, response: ServerResponse): void {
    if (response.closed) return;
    this.add(network, bytes);
    const cut = (): void => void response.destroy();
    const overdue = setTimeout(cut, OVERDUE_MS).unref();
    response.setTimeout(STALLED_MS, cut);
    response.once('close', () => {
      clearTimeout(overdue);
      this.add(network, -bytes);
    });
  }

  /** A single answer may be larger than all that may wait. */
  private hasRoom(waiting: number, bytes: number): boolean {
    if (waiting === 0) return this.total < MAX_BYTES;
    return waiting + bytes < MAX_BYTES_OF_NETWORK && this.total + bytes < MAX_BYTES;
  }

  private add(network: string, bytes: number): void {
    this.total += bytes;
    const sum = (this.ofNetwork.get(network) ?? 0) + bytes;
    if (sum === 0) this.ofNetwork.delete(network);
    else this.ofNetwork.set(network, sum);
  }
}

/** Refuses requests of a network that does not read its answers: before they are worked on, and before they are sent. */
export function boundUnreadAnswers(http: FastifyInstance, unread = new UnreadAnswers()): void {
  http.addHook('onRequest', ({ ip, url }, _reply, done) => {
    if (!isProbe(url)) unread.assertRoom(networkOf(ip));
    done();
  });
  http.addHook('onSend', (request, reply, payload) => {
    const bytes = typeof payload === 'string' || payload instanceof Buffer ? Buffer.byteLength(payload) : 0;
    if (bytes <= SMALL_BYTES) return Promise.resolve(payload);
    const network = networkOf(request.ip);
    try {
      unread.assertRoom(network, bytes);
    } catch (error) {
      return Promise.resolve(refusal(reply, error));
    }
    unread.hold(network, bytes, reply.raw);
    return Promise.resolve(payload);
  });
}

/** What is sent in place of an answer for which there is no room. */
function refusal(reply: FastifyReply, error: unknown): string {
  const problem = problemOf(error);
  void reply.status(problem.status).header('retry-after', String(RETRY_AFTER_S));
  void reply.header('content-type', 'application/problem+json').removeHeader('content-length');
  return JSON.stringify(problem);
}
