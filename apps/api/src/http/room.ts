import { type FastifyInstance } from 'fastify';
import { TryLaterError } from '../problem/api-error.js';

/**
 * Signing out and deleting a message or a file go on: they take little, and are not to wait for others. Deleting an agent is a
 * POST, and waits: each of its rows is written to the log, and room comes only with the next vacuum.
 */
const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
const RETRY_AFTER_S = 5;

/**
 * Refuses what would be stored while the disk is full, before the database would: it ends where it finds no room for its
 * log, and those who read with it.
 */
export function refuseWritesWithoutRoom(
  http: FastifyInstance,
  { hasRoom }: { readonly hasRoom: () => boolean },
): void {
  http.addHook('onRequest', (request, _reply, done) => {
    if (!WRITES.has(request.method) || hasRoom()) done();
    else done(new TryLaterError('unavailable', 'The disk is full: nothing was stored.', RETRY_AFTER_S));
  });
}
