import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { type Config } from '../config/config.js';
import { CONFIG } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';
import { type CallerRequest } from './access.js';

const PROBES = '/health/';

/** Counts requests by agent, and by address where there is no good token. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly limiter: RateLimiterMemory;

  constructor(@Inject(CONFIG) { rateLimitPerSecond }: Config) {
    this.limiter = new RateLimiterMemory({ points: rateLimitPerSecond, duration: 1 });
  }

  async canActivate(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp();
    const { caller, ip, url } = http.getRequest<CallerRequest>();
    if (url.startsWith(PROBES)) return true;
    try {
      await this.limiter.consume(caller?.agent ?? ip);
      return true;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      void http.getResponse<FastifyReply>().header('retry-after', String(seconds));
      throw new ApiError('rate-limited', `Too many requests: try again in ${seconds} s.`);
    }
  }
}
