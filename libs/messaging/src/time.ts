declare const brand: unique symbol;

/** Microseconds since 1970-01-01T00:00:00Z, a safe integer ≥ 0. */
export type Timestamp = number & { readonly [brand]: 'Timestamp' };

/** Days since 1970-01-01 UTC. */
export type Day = number & { readonly [brand]: 'Day' };

export const MICROSECONDS_PER_DAY = 86_400_000_000;

/** @throws TypeError unless the value is a safe integer ≥ 0 */
export function parseTimestamp(value: number): Timestamp {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError('time: expected microseconds ≥ 0');
  return value as Timestamp;
}

export function dayOf(at: Timestamp): Day {
  return Math.floor(at / MICROSECONDS_PER_DAY) as Day;
}

export function startOf(day: Day): Timestamp {
  return parseTimestamp(day * MICROSECONDS_PER_DAY);
}

export function addDays(day: Day, days: number): Day {
  return (day + days) as Day;
}

/** RFC 3339 UTC with six fractional digits: `2026-11-23T13:35:42.000123Z`. */
export function toRfc3339(at: Timestamp): string {
  const micros = String(at % 1000).padStart(3, '0');
  return new Date(Math.floor(at / 1000)).toISOString().replace('Z', `${micros}Z`);
}

/** Time as it is handed to everything that needs it; tests hand in their own. */
export interface Clock {
  /** Never the same value twice from one clock, and never backwards. */
  now(): Timestamp;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock, nudged forward by a microsecond where two readings would be equal. */
export class SystemClock implements Clock {
  private last = 0;

  constructor(private readonly milliseconds: () => number) {}

  now(): Timestamp {
    this.last = Math.max(this.last + 1, Math.floor(this.milliseconds() * 1000));
    return parseTimestamp(this.last);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}
