import { SystemClock, type Timestamp, parseTimestamp } from '@musubi/messaging';

interface Sleeper {
  readonly due: Timestamp;
  readonly waking: AbortController;
}

/** The machine's clock, which a test can put forward: who sleeps until then wakes up. */
export class AdvancingClock extends SystemClock {
  private ahead = 0;
  private readonly sleepers = new Set<Sleeper>();

  constructor() {
    super(() => performance.timeOrigin + performance.now());
  }

  override now(): Timestamp {
    return parseTimestamp(super.now() + this.ahead);
  }

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const waking = new AbortController();
    const sleeper = { due: parseTimestamp(this.now() + Math.ceil(ms * 1000)), waking };
    this.sleepers.add(sleeper);
    const either = signal === undefined ? waking.signal : AbortSignal.any([waking.signal, signal]);
    await super.sleep(ms, either);
    this.sleepers.delete(sleeper);
  }

  advance(seconds: number): void {
    this.ahead += seconds * 1_000_000;
    const now = this.now();
    for (const { due, waking } of this.sleepers) if (due <= now) waking.abort();
  }
}
