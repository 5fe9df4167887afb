import { QueryFailedError } from 'typeorm';

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const CHECK_VIOLATION = '23514';
const NOT_NULL_VIOLATION = '23502';
const CONSTRAINT_VIOLATIONS = new Set([UNIQUE_VIOLATION, FOREIGN_KEY_VIOLATION, CHECK_VIOLATION]);

interface ServerError {
  readonly code: string;
  readonly constraint?: string;
  readonly table?: string;
}

/** The five-character SQLSTATE of an error sent by PostgreSQL (`40P01`, not `deadlock_detected`), or undefined. */
export function sqlStateOf(error: unknown): string | undefined {
  return serverErrorOf(error)?.code;
}

/** The constraint that a unique, foreign key or check violation names, or undefined for any other error. */
export function violatedConstraint(error: unknown): string | undefined {
  const serverError = serverErrorOf(error);
  return serverError && CONSTRAINT_VIOLATIONS.has(serverError.code) ? serverError.constraint : undefined;
}

/** Whether a column of that table was to become null and may not. */
export function isNullRefused(error: unknown, table: string): boolean {
  const serverError = serverErrorOf(error);
  return serverError?.code === NOT_NULL_VIOLATION && serverError.table === table;
}

function serverErrorOf(error: unknown): ServerError | undefined {
  const candidate: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return isServerError(candidate) ? candidate : undefined;
}

/** `severity` tells PostgreSQL's errors from Node's, whose codes (`EPIPE`) may be five characters too. */
function isServerError(error: unknown): error is ServerError {
  const isObject = typeof error === 'object' && error !== null;
  return isObject && 'severity' in error && 'code' in error && typeof error.code === 'string';
}
