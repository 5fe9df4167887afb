import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Homes } from './homes.js';
import { ApiError } from '../problem/api-error.js';
import { Sessions } from '../sessions/sessions.js';
import { type CallerRequest, IS_PUBLIC, WORKS_LOCKED } from './access.js';

/** Lets in a caller with a good token; an attended agent must be unlocked too, since its key opens its messages. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: Sessions,
    private readonly homes: Homes,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const handlers = [context.getHandler(), context.getClass()];
    const isMarked = (mark: string): boolean =>
      this.reflector.getAllAndOverride<boolean | undefined>(mark, handlers) === true;
    if (isMarked(IS_PUBLIC)) return true;
    const { caller } = context.switchToHttp().getRequest<CallerRequest>();
    if (caller === undefined) throw new ApiError('unauthenticated', 'A valid bearer token is needed.');
    if (isMarked(WORKS_LOCKED)) return true;
    await this.homes.require(caller.agent);
    if (!(await this.sessions.accepts(caller.session))) {
      throw new ApiError('unauthenticated', 'This agent is locked: sign in again with its passphrase.');
    }
    return true;
  }
}
