import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { ApiError } from '../problem/api-error.js';
import { duplicateMember } from './duplicate-member.js';
import { hasMoreCommas, isNestedDeeper } from './nesting.js';

/** Deeper than anything that is asked for; what reads a deep body walks it several times. */
const MAX_DEPTH = 64;

/** More than any call takes. Members that no schema has are read, compared and named like others. */
const MAX_COMMAS = 2000;

const NOT_JSON = 'The body is not valid JSON, or has a member named __proto__ or constructor.';

/** A U+FEFF before the JSON is left to the parser, which skips it as RFC 8259 §8.1 allows. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What a call gets that has announced JSON and sent none: refused where a body is needed, and ignored elsewhere. */
export const EMPTY_BODY: object = Object.freeze({});

/** Told how large a body is, before it is read: also one that is then refused. */
type OnBody = (request: FastifyRequest, bytes: number) => Promise<void>;

/**
 * JSON bodies whose bytes are UTF-8 and whose objects name each member once. The default parser replaces invalid bytes
 * and drops equal members silently, so that what is signed and stored would not be what was sent.
 */
export function parseJsonBodies(http: FastifyInstance, onBody: OnBody): void {
  const parse = http.getDefaultJsonParser('error', 'error');
  http.removeContentTypeParser(['application/json', 'text/plain']);
  const options = { parseAs: 'buffer' } as const;
  http.addContentTypeParser('application/json', options, async (request: FastifyRequest, body: Buffer) => {
    await onBody(request, body.length);
    if (body.length === 0) return EMPTY_BODY;
    if (isNestedDeeper(body, MAX_DEPTH))
      throw new ApiError('invalid', `The body is nested more than ${MAX_DEPTH} deep.`);
    if (hasMoreCommas(body, MAX_COMMAS))
      throw new ApiError('invalid', `The body has more than ${MAX_COMMAS} values.`);
    const text = textOf(body);
    const value = await new Promise((resolve, reject) => {
      void parse(request, text, (error, parsed) => {
        if (error === null) resolve(parsed);
        else reject(new ApiError('malformed', NOT_JSON));
      });
    });
    if (duplicateMember(text) === null) return value;
    throw new ApiError('malformed', 'An object in the body names a member twice.');
  });
}

function textOf(body: Buffer): string {
  try {
    return strictUtf8.decode(body);
  } catch {
    throw new ApiError('malformed', 'The body is not valid UTF-8.');
  }
}
