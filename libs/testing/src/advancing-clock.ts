import { SystemClock } from '@musubi/messaging';

interface Sleeper {
  /** By the steady clock, in milliseconds. */
  readonly dueMs: number;
  readonly waking: AbortController;
}

/** How far the time of day and the steady clock are ahead of the machine's, in milliseconds. */
interface Ahead {
  wall: number;
  steady: number;
}

/** The machine's clock, which a test can put forward, set wrong, and leave asleep. */
export class AdvancingClock extends SystemClock {
  private readonly sleepers = new Set<Sleeper>();

  constructor(private readonly ahead: Ahead = { wall: 0, steady: 0 }) {
    super(() => performance.timeOrigin + performance.now() + ahead.wall);
  }

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const waking = new AbortController();
    const sleeper = { dueMs: this.steadyMs() + ms, waking };
    this.sleepers.add(sleeper);
    const either = signal === undefined ? waking.signal : AbortSignal.any([waking.signal, signal]);
    await super.sleep(ms, either);
    this.sleepers.delete(sleeper);
  }

  /** Time goes by: who sleeps until then wakes up. */
  advance(seconds: number): void {
    this.set(seconds);
    this.ahead.steady += seconds * 1000;
    const now = this.steadyMs();
    for (const { dueMs, waking } of this.sleepers) if (dueMs <= now) waking.abort();
  }

  /** The time of day is set, or the machine has slept: no timer notices. */
  set(seconds: number): void {
    this.ahead.wall += seconds * 1000;
  }

  private steadyMs(): number {
    return performance.now() + this.ahead.steady;
  }
}
