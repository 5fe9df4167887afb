import { type ArgumentsHost, Catch, type ExceptionFilter, HttpStatus, Inject } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { type Logger } from 'pino';
import { LOGGER } from '../node/tokens.js';
import { type Problem, problemOf } from './problem.js';

/** Answers every error as application/problem+json, and logs those that nobody designed. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = problemOf(error);
    if (problem.status >= HttpStatus.INTERNAL_SERVER_ERROR) this.log(error, problem);
    if (problem.status === HttpStatus.UNAUTHORIZED) void reply.header('www-authenticate', 'Bearer');
    sendProblem(reply, problem);
  }

  /** Only what cannot carry a message's text: a failed query's parameters do not reach the log. */
  private log(error: unknown, { status, retryable }: Problem): void {
    const { name, stack } = error instanceof Error ? error : { name: typeof error, stack: undefined };
    if (status === HttpStatus.SERVICE_UNAVAILABLE && retryable) {
      this.logger.warn({ error: name }, 'request-refused');
      return;
    }
    this.logger.error({ error: name, at: stack?.split('\n').slice(1, 6) }, 'request-failed');
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  void reply.status(problem.status).header('content-type', 'application/problem+json').send(problem);
}
