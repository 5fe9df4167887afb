import { type FastifyInstance } from 'fastify';
import { TryLaterError } from '../problem/api-error.js';

/** Deleting and signing out go on: they take little, and are not to wait for others. */
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
