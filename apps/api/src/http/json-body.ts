import { type FastifyInstance } from 'fastify';
import { ApiError } from '../problem/api-error.js';
import { duplicateMember } from './duplicate-member.js';
import { isNestedDeeper } from './nesting.js';

/** Deeper than anything that is asked for; what reads a deep body walks it several times. */
const MAX_DEPTH = 64;

const NOT_JSON = 'The body is not valid JSON, or has a member named __proto__ or constructor.';

/** A U+FEFF before the JSON is left to the parser, which skips it as RFC 8259 §8.1 allows. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What a call gets that has announced JSON and sent none: refused where a body is needed, and ignored elsewhere. */
export const EMPTY_BODY: object = Object.freeze({});

/**
 * JSON bodies whose bytes are UTF-8 and whose objects name each member once. The default parser replaces invalid bytes
 * and drops equal members silently, so that what is signed and stored would not be what was sent.
 */
export function parseJsonBodies(http: FastifyInstance): void {
  const parse = http.getDefaultJsonParser('error', 'error');
  http.removeContentTypeParser(['application/json', 'text/plain']);
  http.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) {
      done(null, EMPTY_BODY);
      return;
    }
    if (isNestedDeeper(body, MAX_DEPTH)) {
      done(new ApiError('invalid', `The body is nested more than ${MAX_DEPTH} deep.`));
      return;
    }
    let text: string;
    try {
      text = strictUtf8.decode(body);
    } catch {
      done(new ApiError('malformed', 'The body is not valid UTF-8.'));
      return;
    }
    void parse(request, text, (error, value) => {
      if (error !== null) done(new ApiError('malformed', NOT_JSON));
      else if (duplicateMember(text) === null) done(null, value);
      else done(new ApiError('malformed', 'An object in the body names a member twice.'));
    });
  });
}
