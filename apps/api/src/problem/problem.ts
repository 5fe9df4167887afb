import { HttpStatus } from '@nestjs/common';
import { isDatabaseAway } from '@musubi/database';
import { type ErrorCode, MessagingError } from '@musubi/messaging';
import { ApiError, type ApiErrorCode, type FieldError } from './api-error.js';

export type ProblemCode = ErrorCode | ApiErrorCode;

/** RFC 9457, with what a caller needs to decide whether to try again. */
export interface Problem {
  readonly type: `urn:musubi:problem:${ProblemCode}`;
  readonly title: string;
  readonly status: HttpStatus;
  readonly detail: string;
  readonly retryable: boolean;
  readonly errors?: readonly FieldError[];
}

/** The one place where an error meets HTTP. A code without its status does not compile. */
const STATUS_OF: Readonly<Record<ProblemCode, HttpStatus>> = {
  'agent-offline': HttpStatus.CONFLICT,
  'caller-not-author': HttpStatus.FORBIDDEN,
  'chain-fork': HttpStatus.CONFLICT,
  'chain-locked': HttpStatus.CONFLICT,
  'clone-disabled': HttpStatus.CONFLICT,
  'clone-limit-reached': HttpStatus.CONFLICT,
  'clone-not-found': HttpStatus.NOT_FOUND,
  'countersigning-ended': HttpStatus.CONFLICT,
  'head-moved': HttpStatus.CONFLICT,
  'invalid-cursor': HttpStatus.UNPROCESSABLE_ENTITY,
  'invalid-message': HttpStatus.UNPROCESSABLE_ENTITY,
  'invalid-receipt': HttpStatus.UNPROCESSABLE_ENTITY,
  'invalid-record': HttpStatus.UNPROCESSABLE_ENTITY,
  'message-deleted': HttpStatus.GONE,
  'message-not-found': HttpStatus.NOT_FOUND,
  'not-joined': HttpStatus.CONFLICT,
  'not-recipient': HttpStatus.FORBIDDEN,
  'recipient-unreachable': HttpStatus.SERVICE_UNAVAILABLE,
  'remote-call-refused': HttpStatus.CONFLICT,
  'remote-call-unknown': HttpStatus.SERVICE_UNAVAILABLE,
  'comparison-running': HttpStatus.CONFLICT,
  forbidden: HttpStatus.FORBIDDEN,
  'idempotency-key-reused': HttpStatus.CONFLICT,
  internal: HttpStatus.INTERNAL_SERVER_ERROR,
  invalid: HttpStatus.UNPROCESSABLE_ENTITY,
  malformed: HttpStatus.BAD_REQUEST,
  'not-found': HttpStatus.NOT_FOUND,
  'payload-too-large': HttpStatus.PAYLOAD_TOO_LARGE,
  'rate-limited': HttpStatus.TOO_MANY_REQUESTS,
  unauthenticated: HttpStatus.UNAUTHORIZED,
  unavailable: HttpStatus.SERVICE_UNAVAILABLE,
  'unknown-agent': HttpStatus.NOT_FOUND,
  'unknown-recipient': HttpStatus.UNPROCESSABLE_ENTITY,
  'unknown-strategy': HttpStatus.NOT_FOUND,
  'unsupported-media-type': HttpStatus.UNSUPPORTED_MEDIA_TYPE,
};

/** Codes for what the framework refuses by itself, by its status. */
const CODE_OF_STATUS: Readonly<Partial<Record<number, ApiErrorCode>>> = {
  400: 'malformed',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'not-found',
  413: 'payload-too-large',
  414: 'malformed',
  415: 'unsupported-media-type',
  422: 'invalid',
  429: 'rate-limited',
  503: 'unavailable',
};

const RETRYABLE_API_CODES: ReadonlySet<ProblemCode> = new Set([
  'comparison-running',
  'rate-limited',
  'unavailable',
]);

const DATABASE_AWAY =
  'The database is away. What was asked for may or may not have been done: ask again, with the same Idempotency-Key.';

export function problemOf(error: unknown): Problem {
  if (error instanceof MessagingError) {
    return problem(error.code, error.message, { retryable: error.retryable });
  }
  if (isDatabaseAway(error)) return problem('unavailable', DATABASE_AWAY, {});
  if (error instanceof ApiError) return problem(error.code, error.message, withErrors(error.errors));
  const code = CODE_OF_STATUS[statusOf(error)];
  if (code === undefined) return problem('internal', 'Something went wrong here. It has been logged.', {});
  return problem(code, error instanceof Error ? error.message : code, {});
}

function problem(
  code: ProblemCode,
  detail: string,
  extra: { readonly retryable?: boolean; readonly errors?: readonly FieldError[] },
): Problem {
  return {
    type: `urn:musubi:problem:${code}`,
    title: code.replaceAll('-', ' '),
    status: STATUS_OF[code],
    detail,
    retryable: RETRYABLE_API_CODES.has(code),
    ...extra,
  };
}

function withErrors(errors: readonly FieldError[] | undefined): { readonly errors?: readonly FieldError[] } {
  return errors === undefined ? {} : { errors };
}

/** Nest's exceptions have getStatus(), Fastify's errors have statusCode. */
function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return HttpStatus.INTERNAL_SERVER_ERROR;
  if ('getStatus' in error && typeof error.getStatus === 'function')
    return Number(error.getStatus.call(error));
  if ('statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return HttpStatus.INTERNAL_SERVER_ERROR;
}
