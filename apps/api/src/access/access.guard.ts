import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AgentLife } from '../node/agent-life.js';
import { ApiError } from '../problem/api-error.js';
import { type CallerRequest, IS_PUBLIC } from './access.js';

/** Lets in whoever has a good token; an attended agent must be unlocked too, since its key opens its messages. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(AgentLife) private readonly life: AgentLife,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const handlers = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, handlers) === true) return true;
    const { caller } = context.switchToHttp().getRequest<CallerRequest>();
    if (caller === undefined) throw new ApiError('unauthenticated', 'A valid bearer token is needed.');
    if (!(await this.life.meet(caller.agent))) {
      throw new ApiError('unauthenticated', 'This agent is locked: sign in again with its passphrase.');
    }
    return true;
  }
}
