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
  /**
   * The time of day. Two readings differ and the later one is greater, unless the clock was set back in between: then
   * it shows the new time at once. So it orders what one author writes, and measures no duration.
   */
  now(): Timestamp;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A smaller step back, as NTP makes them, is hidden from readers: readings then rise by a microsecond each. */
const HIDDEN_STEP_US = 1_000_000;
/** What counts as a jump: time servers correct smaller differences all the time. */
const JUMP_MS = 1000;
/** A longer timer would fire at once: Node keeps its delay in 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Notices that the time of day was set, or that the machine slept. */
export interface JumpWatch {
  /** Milliseconds from any start, by a clock that nobody sets and that may stop while the machine sleeps. */
  steadyMs(): number;
  /** Called once a jump, with its size: negative when the clock was set back. */
  onJump(seconds: number): void;
}

/** The machine's clock, nudged forward by a microsecond where two readings would be equal. */
export class SystemClock implements Clock {
  private last = 0;
  private offsetMs: number | undefined;

  constructor(
    private readonly milliseconds: () => number,
    private readonly jumps?: JumpWatch,
  ) {}

  now(): Timestamp {
    const milliseconds = this.milliseconds();
    this.noteOffset(milliseconds);
    const reading = Math.floor(milliseconds * 1000);
    const back = this.last - reading;
    this.last = back >= 0 && back <= HIDDEN_STEP_US ? this.last + 1 : reading;
    return parseTimestamp(this.last);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    let left = ms;
    do {
      await timer(Math.min(left, LONGEST_TIMER_MS), signal);
      left -= LONGEST_TIMER_MS;
    } while (left > 0 && signal?.aborted !== true);
  }

  private noteOffset(milliseconds: number): void {
    if (this.jumps === undefined) return;
    const offsetMs = milliseconds - this.jumps.steadyMs();
    const jumpMs = offsetMs - (this.offsetMs ?? offsetMs);
    this.offsetMs = offsetMs;
    if (Math.abs(jumpMs) >= JUMP_MS) this.jumps.onJump(jumpMs / 1000);
  }
}

function timer(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timeout);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timeout = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
