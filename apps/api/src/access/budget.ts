import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { TryLaterError } from '../problem/api-error.js';

const MS_PER_S = 1000;

/** Points that were spent, and the end of the window that they were spent in, in milliseconds of `performance.now()`. */
interface Spending {
  readonly key: string;
  readonly points: number;
  readonly until: number;
}

/** Points that each key may spend in a window of time, counted in this process. */
export class Budget {
  private readonly limiter: RateLimiterMemory;

  /** @param seconds length of the window, which begins with the first point that is spent */
  constructor(
    private readonly points: number,
    private readonly seconds: number,
  ) {
    this.limiter = new RateLimiterMemory({ points, duration: seconds });
  }

  /** @throws TryLaterError `rate-limited` when the key has too few points left in this window */
  async spend(key: string, points = 1): Promise<Spending> {
    try {
      const { msBeforeNext } = await this.limiter.consume(key, points);
      return { key, points, until: performance.now() + msBeforeNext };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / MS_PER_S));
      throw new TryLaterError('rate-limited', `Too many requests: try again in ${seconds} s.`, seconds);
    }
  }

  /** Takes points for what is done already. Those that are not there are paid from the time to come, in which all is refused. */
  async charge(key: string, points: number): Promise<void> {
    if (points <= 0) return;
    const { consumedPoints, msBeforeNext } = await this.limiter.penalty(key, points);
    const missing = Math.min(points, consumedPoints - this.points);
    if (missing <= 0) return;
    await this.limiter.block(key, msBeforeNext / MS_PER_S + (this.seconds * missing) / this.points);
  }

  /** Gives back what was spent while its window lasts: in the next one, it would be more than the window has. */
  async giveBack({ key, points, until }: Spending): Promise<void> {
    if (performance.now() < until) await this.limiter.reward(key, points);
  }
}
