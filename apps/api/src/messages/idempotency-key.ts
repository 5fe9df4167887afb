import { ApiError } from '../problem/api-error.js';

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/** @throws ApiError `malformed` unless the header is absent or 1 to 255 visible ASCII characters */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || VISIBLE_ASCII.test(header)) return header;
  throw new ApiError('malformed', 'Idempotency-Key: expected 1 to 255 visible ASCII characters.');
}
