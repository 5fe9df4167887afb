import { type Clock } from '@musubi/messaging';

export const KEEP_ALIVE_MS = 15_000;
/** So many pings in a row without a byte of the other side, and the link is dead. TCP misses half-open links. */
const MISSED_PINGS = 2;

interface KeepAliveParts {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal: AbortSignal;
  readonly ping: () => void;
  readonly onDead: () => void;
}

/** Counts the time of one link in ticks, and finds out when the other side is silent. */
export class KeepAlive {
  tick = 0;
  private isHeard = false;
  private missed = 0;

  constructor(private readonly parts: KeepAliveParts) {}

  /** Bytes came, whatever they were. */
  heard(): void {
    this.isHeard = true;
  }

  async run(): Promise<void> {
    const { clock, signal } = this.parts;
    for (;;) {
      await clock.sleep(KEEP_ALIVE_MS, signal);
      if (signal.aborted) return;
      this.beat();
    }
  }

  private beat(): void {
    // The first beat comes before any ping.
    this.missed = this.isHeard || this.tick === 0 ? 0 : this.missed + 1;
    this.tick += 1;
    this.isHeard = false;
    if (this.missed >= MISSED_PINGS) this.parts.onDead();
    else this.parts.ping();
  }
}
