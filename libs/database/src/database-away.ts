import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { hasCode, messageOf } from './error-code.js';
import { sqlStateOf } from './sql-state.js';

/** Connection exceptions (08…), a server that shuts down, crashes, starts or recovers, and one that is full. */
const AWAY_STATES = /^(08...|57P0[123]|53300)$/;

/**
 * States that pass: transactions rolled back to let others pass (40…), resources used up such as the disk (53…),
 * interventions (57…) and system errors (58…), a server that takes no writes since it follows another (25006), and a
 * lock that was not to be had (55P03).
 */
const PASSING_STATES = /^(40...|53...|57...|58...|25006|55P03)$/;

const AWAY_CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
];

/** What pg and its pool say, without a code, of a connection that broke or could not be made in time. */
const AWAY_MESSAGES = [
  /^Connection terminated/,
  // The server says nothing any more: its processes are stopped, or the route to it is gone.
  /^Query read timeout$/,
  /^timeout e(xpired|xceeded when trying to connect)$/,
  /^Client (was closed|has encountered a connection error) and is not queryable$/,
];

/**
 * Whether an error says that the server cannot be reached, or went away in the middle of the work: the same work may
 * succeed when it is back. Whether a COMMIT that failed so was carried out is not known.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof QueryFailedError) return isDatabaseAway(error.driverError);
  // TypeORM gives a broken connection back at once, and refuses the next query of its transaction.
  if (error instanceof QueryRunnerAlreadyReleasedError) return true;
  return AWAY_STATES.test(sqlStateOf(error) ?? '') || isBrokenConnection(error);
}

/**
 * Whether the same work may succeed later although nothing is done about it but waiting: the database is away, or in a
 * state that passes.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  return isDatabaseAway(error) || PASSING_STATES.test(sqlStateOf(error) ?? '');
}

/** Several addresses that all refuse are one AggregateError, with the code of the first. */
function isBrokenConnection(error: unknown): boolean {
  return (
    AWAY_CODES.some((code) => hasCode(error, code)) ||
    isSocketGone(error) ||
    AWAY_MESSAGES.some((message) => message.test(messageOf(error)))
  );
}

/** A server that ends takes its Unix socket along. Other files that are missing say nothing of it. */
function isSocketGone(error: unknown): boolean {
  return hasCode(error, 'ENOENT') && (error as NodeJS.ErrnoException).syscall === 'connect';
}
