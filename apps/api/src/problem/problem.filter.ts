import { types } from 'node:util';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpStatus, Inject } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { type Logger } from 'pino';
import { LOGGER } from '../node/tokens.js';
import { sqlStateOf } from '@musubi/database';
import { KeptError, TryLaterError } from './api-error.js';
import { type Problem, problemOf } from './problem.js';

const UNAUTHORIZED: number = HttpStatus.UNAUTHORIZED;
const SERVER_ERROR: number = HttpStatus.INTERNAL_SERVER_ERROR;
const UNAVAILABLE: number = HttpStatus.SERVICE_UNAVAILABLE;
/** What the database needs to come back is not known. */
const RETRY_AFTER_S = '1';

/** Answers every error as application/problem+json, and logs those that nobody designed. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = problemOf(error);
    const isDesigned = error instanceof TryLaterError;
    if (problem.status >= SERVER_ERROR && !isDesigned) this.log(error, problem);
    if (problem.status === UNAUTHORIZED) void reply.header('www-authenticate', 'Bearer');
    if (isDesigned) void reply.header('retry-after', String(error.retryAfter));
    else if (isPassing(problem)) void reply.header('retry-after', RETRY_AFTER_S);
    sendProblem(reply, problem);
  }

  /** Only what cannot carry a message's text: a failed query's parameters do not reach the log. */
  private log(error: unknown, problem: Problem): void {
    const { name, stack } = error instanceof Error ? error : { name: typeof error, stack: undefined };
    const sqlState = sqlStateOf(error instanceof KeptError ? error.cause : error);
    if (isPassing(problem)) {
      this.logger.warn({ error: name, sqlState }, 'request-refused');
      return;
    }
    this.logger.error(
      { error: name, sqlState, code: systemCodeOf(error), at: stack?.split('\n').slice(1, 6) },
      'request-failed',
    );
  }
}

function isPassing({ status, retryable }: Problem): boolean {
  return status === UNAVAILABLE && retryable;
}

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  void reply.status(problem.status).header('content-type', 'application/problem+json').send(problem);
}

/** Such as `EACCES`, of the operating system: the name alone would be `Error`. */
function systemCodeOf(error: unknown): string | undefined {
  const isSystemError = types.isNativeError(error) && 'syscall' in error && 'code' in error;
  return isSystemError && typeof error.code === 'string' ? error.code : undefined;
}
