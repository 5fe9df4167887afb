import { ApiError } from '../problem/api-error.js';

const MAX_LENGTH = 255;
const BARE = /^[\x21\x23-\x7e][\x21-\x7e]*$/;
/** RFC 9651 §3.3.3: printable ASCII between quotes, in which a backslash stands before a quote or a backslash. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/**
 * A key as it is written in a header: bare, or as the quoted string of a structured field, which is the same key.
 * @throws ApiError `malformed` unless the header is absent or a key of 1 to 255 characters
 */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = BARE.test(header) ? header : QUOTED.exec(header)?.[1]?.replaceAll(/\\(.)/g, '$1');
  if (key !== undefined && key.length > 0 && key.length <= MAX_LENGTH) return key;
  throw new ApiError(
    'malformed',
    'Idempotency-Key: expected 1 to 255 visible ASCII characters, or a quoted string of RFC 9651.',
  );
}
