import { type NodeContext } from '@musubi/cell';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { NODE } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';
import { type CallerRequest, IS_PUBLIC } from './access.js';

/** Lets in whoever has a good token; an attended agent must be unlocked too, since its key opens its messages. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(NODE) private readonly node: NodeContext,
  ) {}

  canActivate(context: ExecutionContext): true {
    const handlers = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, handlers) === true) return true;
    const { caller } = context.switchToHttp().getRequest<CallerRequest>();
    if (caller === undefined) throw new ApiError('unauthenticated', 'A valid bearer token is needed.');
    if (!this.node.keyring.isOnline(caller.agent)) {
      throw new ApiError('unauthenticated', 'This agent is locked: sign in again with its passphrase.');
    }
    return true;
  }
}
