import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { hasCode, messageOf } from './embedded/error-code.js';
import { sqlStateOf } from './sql-state.js';

/** Connection exceptions (08…), a server that shuts down, crashes, starts or recovers, and one that is full. */
const AWAY_STATES = /^(08...|57P0[123]|53300)$/;

const AWAY_CODES = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'];

/** What pg and its pool say, without a code, of a connection that broke or could not be made in time. */
const AWAY_MESSAGES = [
  /^Connection terminated/,
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

/** Several addresses that all refuse are one AggregateError, with the code of the first. */
function isBrokenConnection(error: unknown): boolean {
  return (
    AWAY_CODES.some((code) => hasCode(error, code)) ||
    AWAY_MESSAGES.some((message) => message.test(messageOf(error)))
  );
}
