import { Injectable } from '@nestjs/common';
import { ThrottlerGuard } from '@nestjs/throttler';
import { ApiError } from '../problem/api-error.js';
import { type CallerRequest } from './access.js';

/** Counts requests by agent, and by address where there is no good token. */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  protected override getTracker(request: Record<string, unknown>): Promise<string> {
    const { caller, ip } = request as unknown as CallerRequest;
    return Promise.resolve(caller?.agent ?? ip);
  }

  protected override throwThrottlingException(): Promise<void> {
    return Promise.reject(new ApiError('rate-limited', 'Too many requests: see the Retry-After header.'));
  }
}
