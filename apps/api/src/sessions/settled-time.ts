import { type Timestamp, parseTimestamp } from '@musubi/messaging';

interface SettledTimeParts {
  /** Milliseconds since 1970: a clock that people and NTP may set. */
  readonly wall: () => number;
  /** Milliseconds since any moment: a clock that nobody sets. */
  readonly monotonic: () => number;
  /** Called when a step of the wall clock is noticed, and when it has lasted. */
  readonly onStep: (event: 'clock-stepped' | 'clock-step-settled', aheadMs: number) => void;
}

/** Below this the wall clock is only being adjusted. Milliseconds. */
const ADJUSTMENT_MS = 5000;

/** A clock that is wrong for less than this ends and extends nothing. Milliseconds. */
export const SETTLING_MS = 120_000;

/**
 * The wall clock, but for its steps: a step counts only once it has lasted for `SETTLING_MS`. A clock that is wrong for
 * a moment changes nothing, and a machine that was asleep notices within that time. It must be read more often than that.
 */
export class SettledTime {
  private ahead: number;
  private step: { readonly ahead: number; readonly since: number } | undefined;

  constructor(private readonly parts: SettledTimeParts) {
    this.ahead = parts.wall() - parts.monotonic();
  }

  now(): Timestamp {
    const elapsed = this.parts.monotonic();
    this.settle(this.parts.wall() - elapsed, elapsed);
    return parseTimestamp(Math.max(0, Math.floor((elapsed + this.ahead) * 1000)));
  }

  private settle(ahead: number, elapsed: number): void {
    if (isNear(ahead, this.ahead)) {
      this.ahead = ahead;
      this.step = undefined;
    } else if (this.step === undefined || !isNear(ahead, this.step.ahead)) {
      this.step = { ahead, since: elapsed };
      this.parts.onStep('clock-stepped', Math.round(ahead - this.ahead));
    } else if (elapsed - this.step.since >= SETTLING_MS) {
      this.parts.onStep('clock-step-settled', Math.round(ahead - this.ahead));
      this.ahead = ahead;
      this.step = undefined;
    }
  }
}

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= ADJUSTMENT_MS;
}
