import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { type CallerRequest } from './access.js';
import { TokenStore } from './token.store.js';

const BEARER = /^Bearer ([A-Za-z0-9_-]{43})$/;

/** Finds out who calls. Refuses nobody: that is the access guard's, after the rate limit had its say. */
@Injectable()
export class IdentityGuard implements CanActivate {
  constructor(@Inject(TokenStore) private readonly tokens: TokenStore) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const request = context.switchToHttp().getRequest<CallerRequest>();
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return true;
    const agent = await this.tokens.agentOf(token);
    if (agent !== null) request.caller = { agent, token };
    return true;
  }
}
