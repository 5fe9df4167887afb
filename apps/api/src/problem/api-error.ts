/** What can be wrong with a request before any strategy hears of it. */
export type ApiErrorCode =
  | 'comparison-running'
  | 'forbidden'
  | 'idempotency-key-reused'
  | 'internal'
  | 'invalid'
  | 'malformed'
  | 'not-found'
  | 'payload-too-large'
  | 'rate-limited'
  | 'unauthenticated'
  | 'unavailable'
  | 'unknown-agent'
  | 'unknown-recipient'
  | 'unknown-strategy'
  | 'unsupported-media-type';

/** One thing that is wrong with one field. */
export interface FieldError {
  /** Dotted path from the body, query or path parameters. */
  readonly path: string;
  readonly message: string;
}

export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly code: ApiErrorCode,
    message: string,
    readonly errors?: readonly FieldError[],
  ) {
    super(message);
  }
}
