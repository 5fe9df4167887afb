import { type Clock } from '@musubi/messaging';

/** So many units in a span of time, by a clock that nobody sets. It begins with the first that is taken. */
export class Allowance {
  private used = 0;
  private renewal: Promise<void> | undefined;

  constructor(
    private readonly limit: number,
    private readonly renew: () => Promise<void>,
  ) {}

  /** Takes the units even when they are too many, so that what was done is paid for. @returns whether they were there */
  take(units: number): boolean {
    this.used += units;
    this.renewal ??= this.renew().then(() => {
      this.used = Math.max(0, this.used - this.limit);
      this.renewal = undefined;
      if (this.used > 0) this.take(0);
    });
    return this.used <= this.limit;
  }

  /** Resolves when the span ends; at once when nothing was taken. */
  renewed(): Promise<void> {
    return this.renewal ?? Promise.resolve();
  }
}

interface AllowancesOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly limit: number;
  readonly windowMs: number;
  /** So many names at once, since strangers choose them. */
  readonly maxNames: number;
  /** Ends the windows at once: nothing is counted any more. */
  readonly signal: AbortSignal;
}

/** An allowance of units for each name, such as an address. A name is forgotten when its window ends. */
export class Allowances {
  private readonly used = new Map<string, number>();

  constructor(private readonly options: AllowancesOptions) {}

  /** @returns false when the name has used its units up, or too many names are known */
  take(name: string): boolean {
    const { clock, limit, maxNames, signal, windowMs } = this.options;
    const used = this.used.get(name) ?? 0;
    if (used === 0) {
      if (this.used.size >= maxNames) return false;
      void clock.sleep(windowMs, signal).then(() => this.used.delete(name));
    }
    this.used.set(name, used + 1);
    return used < limit;
  }
}
