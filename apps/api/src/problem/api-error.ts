/** What can be wrong with a request before any strategy hears of it. */
export type ApiErrorCode =
  | 'agent-deleted'
  | 'agent-is-here'
  | 'agent-moved'
  | 'block-limit-reached'
  | 'block-not-found'
  | 'card-conflict'
  | 'card-refused'
  | 'comparison-running'
  | 'contact-limit-reached'
  | 'contact-not-found'
  | 'expectation-failed'
  | 'forbidden'
  | 'headers-too-large'
  | 'image-damaged'
  | 'image-too-large'
  | 'agent-unattended'
  | 'import-outdated'
  | 'import-refused'
  | 'idempotency-key-reused'
  | 'internal'
  | 'invalid'
  | 'malformed'
  | 'method-not-allowed'
  | 'node-alone'
  | 'not-an-image'
  | 'not-found'
  | 'not-implemented'
  | 'old-home-unreachable'
  | 'payload-too-large'
  | 'range-not-satisfiable'
  | 'rate-limited'
  | 'recipient-elsewhere'
  | 'request-timeout'
  | 'registration-closed'
  | 'session-not-found'
  | 'typing-not-carried'
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

/** Whether what was asked for is kept although the answer is an error. */
export type Kept = true | 'unknown';

/**
 * Something went wrong once the request was, or may have been, committed: repeating it as a new request may do it twice.
 * The cause is the problem; this says what is kept.
 */
export class KeptError extends Error {
  override readonly name = 'KeptError';

  constructor(
    readonly kept: Kept,
    /** Of the messages that it is about. */
    readonly ids: readonly string[],
    cause: unknown,
  ) {
    super('what was asked for is kept, or may be', { cause });
  }
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

/** Where an agent lives that is no longer here. */
interface NewHome {
  readonly node: string;
  readonly addresses: readonly string[];
}

/** The agent has left this node, or is leaving it. */
export class MovedError extends ApiError {
  constructor(
    message: string,
    /** `null` while it is nowhere else. */
    readonly home: NewHome | null,
  ) {
    super('agent-moved', message);
  }
}

/** Nothing was done, and the same request may succeed later. */
export class TryLaterError extends ApiError {
  constructor(
    code: 'rate-limited' | 'unavailable',
    message: string,
    /** Seconds, for the header Retry-After. */
    readonly retryAfter: number,
  ) {
    super(code, message);
  }
}

/** One answer for an agent that is not here and for a wrong passphrase: nobody learns which it was. */
export function wrongPassphrase(): ApiError {
  return new ApiError('unauthenticated', 'No agent has this key and this passphrase.');
}
