import { type Clock, type Timestamp, parseTimestamp } from '@musubi/messaging';

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

const MICROSECONDS_PER_MS = 1000;

/** Time that passes only while nothing else can happen: hours of a simulation take seconds. It begins at 0. */
export class SimClock implements Clock {
  private elapsed = 0;
  private lastReading = 0;
  /** By when they are due; those of one moment in the order in which they began. */
  private readonly sleepers: Sleeper[] = [];

  get elapsedMs(): number {
    return this.elapsed;
  }

  /** How many sleep just now. */
  get sleeping(): number {
    return this.sleepers.length;
  }

  now(): Timestamp {
    this.lastReading = Math.max(this.lastReading + 1, Math.floor(this.elapsed * MICROSECONDS_PER_MS));
    return parseTimestamp(this.lastReading);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        const index = this.sleepers.indexOf(sleeper);
        if (index >= 0) this.sleepers.splice(index, 1);
        resolve();
      };
      const sleeper = { dueMs: this.elapsed + Math.max(0, ms), wake };
      this.insert(sleeper);
      signal?.addEventListener('abort', wake);
    });
  }

  /** Lets time pass until the work has ended. @throws Error when it never will: nobody sleeps any more */
  async run<Value>(work: Promise<Value>): Promise<Value> {
    const ended = new AbortController();
    const end = (): void => {
      ended.abort();
    };
    work.then(end, end);
    await turn();
    while (!ended.signal.aborted) {
      if (this.sleepers.length === 0) throw new Error('the simulation waits for what never happens');
      this.step();
      await turn();
    }
    return work;
  }

  /** Lets so much time pass, whatever happens in it. */
  async advance(ms: number): Promise<void> {
    const endMs = this.elapsed + ms;
    await turn();
    while ((this.sleepers[0]?.dueMs ?? Infinity) <= endMs) {
      this.step();
      await turn();
    }
    this.elapsed = endMs;
  }

  private step(): void {
    const next = this.sleepers[0];
    if (next === undefined) return;
    this.elapsed = Math.max(this.elapsed, next.dueMs);
    next.wake();
  }

  private insert(sleeper: Sleeper): void {
    let place = this.sleepers.length;
    while (place > 0 && (this.sleepers[place - 1]?.dueMs ?? 0) > sleeper.dueMs) place -= 1;
    this.sleepers.splice(place, 0, sleeper);
  }
}

/** Whatever follows from what happened has happened. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
