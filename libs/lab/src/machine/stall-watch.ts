import { performance } from 'node:perf_hooks';

interface Stalls {
  /** How much later than due the event loop came to a timer, at most. */
  readonly longestStallMs: number;
  /** The same less the CPU time that this process used meanwhile: it was kept waiting, by somebody else. */
  readonly longestPauseMs: number;
}

const PERIOD_MS = 10;

/** Sees the event loop stand still: by its own work, or because the process had no core, was stopped, or the machine slept. */
export class StallWatch {
  private longestStallMs = 0;
  private longestPauseMs = 0;
  private lookedAt = performance.now();
  private usage = process.cpuUsage();
  private readonly timer = setInterval(() => {
    this.look();
  }, PERIOD_MS).unref();

  /** Ends it. */
  stop(): Stalls {
    clearInterval(this.timer);
    this.look();
    const { longestStallMs, longestPauseMs } = this;
    return { longestStallMs, longestPauseMs };
  }

  private look(): void {
    const now = performance.now();
    const used = process.cpuUsage(this.usage);
    const late = Math.max(0, now - this.lookedAt - PERIOD_MS);
    this.longestStallMs = Math.max(this.longestStallMs, late);
    this.longestPauseMs = Math.max(this.longestPauseMs, late - (used.user + used.system) / 1000);
    this.lookedAt = now;
    this.usage = process.cpuUsage();
  }
}
