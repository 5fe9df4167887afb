import { type FastifyInstance } from 'fastify';
import { isLoopback } from '../config/loopback.js';
import { ApiError } from '../problem/api-error.js';

/**
 * With the lab, a request has to name this machine: a page from elsewhere, whose own name was made to lead here (DNS
 * rebinding), would send its own name, and could order crashes without a token.
 */
export function refuseOtherHosts(http: FastifyInstance): void {
  http.addHook('onRequest', ({ host }, _reply, done) => {
    const name = host.replace(/:\d+$/, '');
    if (isLoopback(name)) done();
    else
      done(
        new ApiError('forbidden', 'With LAB=1 the Host header has to be a name or address of this machine.'),
      );
  });
}
