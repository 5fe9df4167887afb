import { HttpStatus } from '@nestjs/common';
import { isMovedAgent } from '@musubi/cell';
import { isDatabaseAway, isDatabaseUnavailable } from '@musubi/database';
import { type ErrorCode, MessagingError } from '@musubi/messaging';
import {
  ApiError,
  type ApiErrorCode,
  type FieldError,
  type Kept,
  KeptError,
  MovedError,
} from './api-error.js';

export type ProblemCode = ErrorCode | ApiErrorCode;

/** RFC 9457, with what a caller needs to decide whether to try again. */
export interface Problem {
  readonly type: `urn:musubi:problem:${ProblemCode}`;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly retryable: boolean;
  readonly errors?: readonly FieldError[];
  /** The request was carried out, or may have been, despite this answer. Read the result before you repeat it. */
  readonly kept?: Kept;
  /** The messages that `kept` is about. */
  readonly ids?: readonly string[];
  /** Of `agent-moved`: the node where the agent lives; `null` while it is nowhere else. */
  readonly node?: string | null;
  readonly addresses?: readonly string[];
}

/** RFC 6585 §5; Nest has no name for it. */
const HEADERS_TOO_LARGE = 431;

/** The one place where an error meets HTTP. A code without its status does not compile. */
const STATUS_OF: Readonly<Record<ProblemCode, number>> = {
  'agent-deleted': HttpStatus.GONE,
  'agent-moved': HttpStatus.GONE,
  'agent-offline': HttpStatus.CONFLICT,
  'caller-not-author': HttpStatus.FORBIDDEN,
  'chain-fork': HttpStatus.CONFLICT,
  'chain-locked': HttpStatus.CONFLICT,
  'clone-disabled': HttpStatus.CONFLICT,
  'clone-limit-reached': HttpStatus.CONFLICT,
  'clone-not-found': HttpStatus.NOT_FOUND,
  'countersigning-ended': HttpStatus.CONFLICT,
  'file-in-use': HttpStatus.CONFLICT,
  'file-incomplete': HttpStatus.CONFLICT,
  'file-not-found': HttpStatus.NOT_FOUND,
  'file-quota-exceeded': HttpStatus.CONFLICT,
  'head-moved': HttpStatus.CONFLICT,
  'invalid-cursor': HttpStatus.UNPROCESSABLE_ENTITY,
  'invalid-message': HttpStatus.UNPROCESSABLE_ENTITY,
  'invalid-receipt': HttpStatus.UNPROCESSABLE_ENTITY,
  'invalid-record': HttpStatus.UNPROCESSABLE_ENTITY,
  'message-deleted': HttpStatus.GONE,
  'message-not-found': HttpStatus.NOT_FOUND,
  'message-undelivered': HttpStatus.CONFLICT,
  'message-unreadable': HttpStatus.GONE,
  'not-joined': HttpStatus.CONFLICT,
  'not-recipient': HttpStatus.FORBIDDEN,
  'pin-ahead': HttpStatus.CONFLICT,
  'pin-limit-reached': HttpStatus.CONFLICT,
  'recipient-refuses': HttpStatus.CONFLICT,
  'recipient-unreachable': HttpStatus.SERVICE_UNAVAILABLE,
  'remote-call-refused': HttpStatus.CONFLICT,
  'remote-call-unknown': HttpStatus.SERVICE_UNAVAILABLE,
  'upload-limit-reached': HttpStatus.CONFLICT,
  'upload-mismatch': HttpStatus.UNPROCESSABLE_ENTITY,
  'upload-offset-wrong': HttpStatus.CONFLICT,
  'upload-unknown': HttpStatus.NOT_FOUND,
  'agent-is-here': HttpStatus.CONFLICT,
  'block-limit-reached': HttpStatus.CONFLICT,
  'block-not-found': HttpStatus.NOT_FOUND,
  'card-conflict': HttpStatus.CONFLICT,
  'card-refused': HttpStatus.UNPROCESSABLE_ENTITY,
  'comparison-running': HttpStatus.CONFLICT,
  'contact-limit-reached': HttpStatus.CONFLICT,
  'contact-not-found': HttpStatus.NOT_FOUND,
  'expectation-failed': HttpStatus.EXPECTATION_FAILED,
  forbidden: HttpStatus.FORBIDDEN,
  'headers-too-large': HEADERS_TOO_LARGE,
  'idempotency-key-reused': HttpStatus.CONFLICT,
  'agent-unattended': HttpStatus.CONFLICT,
  'image-damaged': HttpStatus.UNPROCESSABLE_ENTITY,
  'image-too-large': HttpStatus.UNPROCESSABLE_ENTITY,
  'import-outdated': HttpStatus.CONFLICT,
  'import-refused': HttpStatus.UNPROCESSABLE_ENTITY,
  internal: HttpStatus.INTERNAL_SERVER_ERROR,
  invalid: HttpStatus.UNPROCESSABLE_ENTITY,
  malformed: HttpStatus.BAD_REQUEST,
  'method-not-allowed': HttpStatus.METHOD_NOT_ALLOWED,
  'node-alone': HttpStatus.CONFLICT,
  'not-an-image': HttpStatus.UNPROCESSABLE_ENTITY,
  'not-found': HttpStatus.NOT_FOUND,
  'not-implemented': HttpStatus.NOT_IMPLEMENTED,
  'old-home-unreachable': HttpStatus.CONFLICT,
  'payload-too-large': HttpStatus.PAYLOAD_TOO_LARGE,
  'range-not-satisfiable': HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
  'rate-limited': HttpStatus.TOO_MANY_REQUESTS,
  'recipient-elsewhere': HttpStatus.UNPROCESSABLE_ENTITY,
  'registration-closed': HttpStatus.FORBIDDEN,
  'request-timeout': HttpStatus.REQUEST_TIMEOUT,
  'session-not-found': HttpStatus.NOT_FOUND,
  'typing-not-carried': HttpStatus.UNPROCESSABLE_ENTITY,
  unauthenticated: HttpStatus.UNAUTHORIZED,
  unavailable: HttpStatus.SERVICE_UNAVAILABLE,
  'unknown-agent': HttpStatus.NOT_FOUND,
  'unknown-recipient': HttpStatus.UNPROCESSABLE_ENTITY,
  'unknown-strategy': HttpStatus.NOT_FOUND,
  'unsupported-media-type': HttpStatus.UNSUPPORTED_MEDIA_TYPE,
};

/**
 * What the framework refuses by itself, by its status. Its own words repeat paths and queries, which may hold secrets: an
 * answer repeats no value that came with the request.
 */
const OF_FRAMEWORK: Readonly<Partial<Record<number, readonly [ApiErrorCode, string]>>> = {
  400: ['malformed', 'The request line, a header or the body is malformed.'],
  401: ['unauthenticated', 'A valid bearer token is needed.'],
  403: ['forbidden', 'This is not allowed.'],
  404: ['not-found', 'There is nothing at this path.'],
  405: ['method-not-allowed', 'This path does not support this method.'],
  408: ['request-timeout', 'The request did not arrive in time.'],
  413: ['payload-too-large', 'The body is larger than this path takes.'],
  414: ['malformed', 'The path is too long.'],
  415: ['unsupported-media-type', 'The body must be JSON, with the type application/json.'],
  417: ['expectation-failed', 'Only Expect: 100-continue is supported.'],
  422: ['invalid', 'The request does not match its schema.'],
  429: ['rate-limited', 'Too many requests.'],
  431: ['headers-too-large', 'The request line and its headers are too large.'],
  503: ['unavailable', 'The service cannot do this at the moment.'],
};

const INTERNAL = ['internal', 'An internal error occurred. It has been logged.'] as const;

const RETRYABLE_API_CODES: ReadonlySet<ProblemCode> = new Set([
  'comparison-running',
  'old-home-unreachable',
  'rate-limited',
  'request-timeout',
  'unavailable',
]);

const DATABASE_AWAY =
  'The database is unreachable. The request may or may not have been carried out: repeat it with the same Idempotency-Key.';

const DATABASE_UNAVAILABLE =
  'The database cannot do this at the moment. The request may or may not have been carried out: repeat it with the ' +
  'same Idempotency-Key.';

const NOT_HERE = 'This agent is no longer on this node. Nothing was written for it.';

/** The HTTP status of a code. */
export function statusOfCode(code: ProblemCode): number {
  return STATUS_OF[code];
}

export function typeOfCode(code: ProblemCode): Problem['type'] {
  return `urn:musubi:problem:${code}`;
}

export function problemOf(error: unknown): Problem {
  if (error instanceof KeptError) return { ...problemOf(error.cause), kept: error.kept, ids: error.ids };
  if (error instanceof MessagingError) {
    return problem(error.code, error.message, { retryable: mayRetry(error) });
  }
  // Deleted while its request was under way.
  if (isMovedAgent(error)) return problem('agent-moved', NOT_HERE, {});
  if (isDatabaseAway(error)) return problem('unavailable', DATABASE_AWAY, {});
  if (isDatabaseUnavailable(error)) return problem('unavailable', DATABASE_UNAVAILABLE, {});
  if (error instanceof ApiError) return problem(error.code, error.message, detailsOf(error));
  const [code, detail] = OF_FRAMEWORK[statusOf(error)] ?? INTERNAL;
  return problem(code, detail, {});
}

/** Another node may do for an agent what this one will not. */
function mayRetry({ code, retryable }: MessagingError): boolean {
  return retryable && code !== 'agent-moved';
}

function problem(
  code: ProblemCode,
  detail: string,
  extra: Partial<Pick<Problem, 'retryable' | 'errors' | 'node' | 'addresses'>>,
): Problem {
  return {
    type: typeOfCode(code),
    title: code.replaceAll('-', ' '),
    status: STATUS_OF[code],
    detail,
    retryable: RETRYABLE_API_CODES.has(code),
    ...extra,
  };
}

function detailsOf(error: ApiError): Partial<Pick<Problem, 'errors' | 'node' | 'addresses'>> {
  if (error instanceof MovedError) return { node: null, addresses: [], ...error.home };
  return error.errors === undefined ? {} : { errors: error.errors };
}

/** Nest's exceptions have getStatus(), Fastify's errors have statusCode. */
function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return HttpStatus.INTERNAL_SERVER_ERROR;
  if ('getStatus' in error && typeof error.getStatus === 'function')
    return Number(error.getStatus.call(error));
  if ('statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return HttpStatus.INTERNAL_SERVER_ERROR;
}
