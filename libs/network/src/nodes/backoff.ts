import { type Clock } from '@musubi/messaging';

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

interface BackoffParts {
  readonly clock: Pick<Clock, 'sleep'>;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** The pause after dials that failed: 0.5 to 1 s after the first, doubled by each, up to 30 to 60 s. */
export class Backoff {
  private failures = 0;
  private pause: AbortController | undefined;

  constructor(private readonly parts: BackoffParts) {}

  get isPausing(): boolean {
    return this.pause !== undefined;
  }

  get hasFailed(): boolean {
    return this.failures > 0;
  }

  noteFailure(): void {
    const { clock, random, signal } = this.parts;
    const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.failures) * (0.5 + random() / 2);
    this.failures += 1;
    const pause = new AbortController();
    this.pause = pause;
    void clock.sleep(ms, AbortSignal.any([signal, pause.signal])).then(() => {
      if (this.pause === pause) this.pause = undefined;
    });
  }

  /** The next dial waits for nothing; the pause after it is as long as it would have been. */
  endPause(): void {
    this.pause?.abort();
    this.pause = undefined;
  }

  /** The peer was reached, or has reached this node. */
  reset(): void {
    this.failures = 0;
    this.endPause();
  }
}
