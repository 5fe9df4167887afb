import { type Clock, type Timestamp, parseTimestamp } from '@musubi/messaging';
import { type RealTime, realTime } from './real-time.js';

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/**
 * A clock that stands still until it is put forward, and shows no time twice: what happens at one moment of a
 * simulation is in order all the same, and the same in every run.
 */
export class SimulatedClock implements Clock {
  private last: number;
  private readonly sleepers = new Set<Sleeper>();
  /** When it was put forward, in real time and rising, and where to. */
  private readonly jumps: { readonly real: number; readonly shown: number }[] = [];

  /** @param start µs since the epoch */
  constructor(
    start: number,
    private readonly real: RealTime = realTime,
  ) {
    this.last = start;
    this.note();
  }

  /** The time that was shown last. */
  get time(): number {
    return this.last;
  }

  now(): Timestamp {
    this.last += 1;
    return parseTimestamp(this.last);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { due: this.last + ms * 1000, wake };
      this.sleepers.add(sleeper);
      if (signal?.aborted === true) wake();
      else signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Lets so much time go by at once: the delay of a call, while everybody waits for it. */
  pass(ms: number): Promise<void> {
    this.advanceTo(this.last + ms * 1000);
    return Promise.resolve();
  }

  /** Goes on to a time, unless it is past already, and wakes all who sleep until then. @returns whether anybody did */
  advanceTo(time: number): boolean {
    if (time > this.last) {
      this.last = time;
      this.note();
    }
    const woken = [...this.sleepers].filter(({ due }) => due <= this.last);
    for (const { wake } of woken) wake();
    return woken.length > 0;
  }
  /**
   * What it had been put forward to at a moment of real time (µs since the epoch), not counting that it shows no time
   * twice: all that was done before it was put forward again was done at that time. Before its start, the start.
   */
  shownAt(real: number): number {
    let [low, high] = [0, this.jumps.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.jumps[middle]?.real ?? Infinity) <= real) low = middle;
      else high = middle;
    }
    return this.jumps[low]?.shown ?? this.last;
  }

  private note(): void {
    this.jumps.push({ real: this.real(), shown: this.last });
  }
}
