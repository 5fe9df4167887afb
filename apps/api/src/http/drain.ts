import { type FastifyInstance } from 'fastify';

/** How long what is in hand may take once the service closes, in milliseconds; then its connection is cut. */
const DRAIN_MS = 2_000;

/**
 * Closing answers the requests that are in hand, and each of these answers ends its connection: a client that
 * keeps one alive would otherwise keep the service alive too.
 */
export function drainOnClose(http: FastifyInstance): void {
  let isClosing = false;
  http.addHook('preClose', (done) => {
    isClosing = true;
    const overdue = setTimeout(() => {
      http.server.closeAllConnections();
    }, DRAIN_MS);
    http.server.once('close', () => {
      clearTimeout(overdue);
    });
    done();
  });
  http.addHook('onSend', (_request, reply, payload) => {
    if (isClosing) void reply.header('connection', 'close');
    return Promise.resolve(payload);
  });
}
