import { type Clock, type Timestamp, parseTimestamp } from '@musubi/messaging';

/** A clock whose sleepers wake when the test says so. */
export class ManualClock implements Clock {
  private ticks = 0;
  private readonly sleepers = new Set<() => void>();

  now(): Timestamp {
    this.ticks += 1;
    return parseTimestamp(this.ticks);
  }

  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.sleepers.delete(wake);
        resolve();
      };
      this.sleepers.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** How many wait just now. */
  get sleeping(): number {
    return this.sleepers.size;
  }

  wakeAll(): void {
    for (const wake of [...this.sleepers]) wake();
  }
}
