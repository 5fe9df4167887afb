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
  private stepping: Promise<void> | undefined;
  /** By when they are due; those of one moment in the order in which they began. */
  private readonly sleepers: Sleeper[] = [];

  /** @param whenQuiet resolves when whatever follows from what happened has happened, and only time moves things on */
  constructor(private readonly whenQuiet: () => Promise<void> = turn) {}

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

  /**
   * Lets time pass until the work has ended. Works that run at once share the time.
   * @throws Error when it never will: nobody sleeps any more, or so much time has passed
   */
  async run<Value>(work: Promise<Value>, withinMs = Infinity): Promise<Value> {
    const endMs = this.elapsed + withinMs;
    const ended = new AbortController();
    const end = (): void => {
      ended.abort();
    };
    work.then(end, end);
    await this.whenQuiet();
    while (!ended.signal.aborted) {
      if (this.sleepers.length === 0) throw new Error('the simulation waits for what never happens');
      if (this.elapsed > endMs) throw new Error(`the simulation has waited for ${withinMs} ms`);
      await this.step();
    }
    return work;
  }

  /** Lets so much time pass, whatever happens in it. */
  async advance(ms: number): Promise<void> {
    const endMs = this.elapsed + ms;
    await this.whenQuiet();
    while ((this.sleepers[0]?.dueMs ?? Infinity) <= endMs) await this.step();
    this.elapsed = Math.max(this.elapsed, endMs);
  }

  /** One sleeper wakes up, however many wait for it. */
  private step(): Promise<void> {
    this.stepping ??= this.wakeNext().finally(() => (this.stepping = undefined));
    return this.stepping;
  }

  private async wakeNext(): Promise<void> {
    const next = this.sleepers[0];
    if (next !== undefined) {
      this.elapsed = Math.max(this.elapsed, next.dueMs);
      next.wake();
    }
    await this.whenQuiet();
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
