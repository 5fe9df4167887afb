import { type FastifyInstance } from 'fastify';
import { ApiError } from '../problem/api-error.js';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * JSON bodies whose bytes are UTF-8. The default parser replaces invalid bytes silently, so that what is signed
 * and stored would not be what was sent.
 */
export function parseJsonBodies(http: FastifyInstance): void {
  const parse = http.getDefaultJsonParser('error', 'error');
  http.removeContentTypeParser('application/json');
  http.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    let text: string;
    try {
      text = strictUtf8.decode(body);
    } catch {
      done(new ApiError('malformed', 'The body is not valid UTF-8.'));
      return;
    }
    void parse(request, text, done);
  });
}
