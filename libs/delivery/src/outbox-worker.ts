import { type AgentPubKey, type Clock, type Log } from '@musubi/messaging';
import { type Courier } from './courier.js';
import { type OutboxStore, type OwedWork } from './outbox.store.js';

export interface OutboxWorkerParts {
  readonly outbox: OutboxStore;
  readonly courier: Courier;
  readonly clock: Clock;
  readonly log: Log;
  /** The agents that are online here. */
  online(): readonly AgentPubKey[];
  /** How many lanes may be in flight at once. */
  readonly maxLanes: number;
  /** How often the outbox is looked at without being asked to, in milliseconds. */
  readonly pollMs: number;
}

/** Drains the outbox: each lane one step at a time, many lanes at once, so that no peer waits for another. */
export class OutboxWorker {
  private readonly lanes = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();
  private pause = new AbortController();
  private draining: Promise<void> = Promise.resolve();

  constructor(private readonly parts: OutboxWorkerParts) {}

  start(): void {
    this.draining = this.drain();
  }

  /** Takes no more steps, and waits for those in hand. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.draining;
    await Promise.all(this.lanes.values());
  }

  /** Looks at the outbox now: something is due, or an agent came online. */
  wake(): void {
    this.pause.abort();
  }

  private async drain(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.pause = new AbortController();
      if ((await this.takeDue()) === 0) await this.parts.clock.sleep(this.parts.pollMs, this.pause.signal);
    }
  }

  /** @returns how many steps were taken */
  private async takeDue(): Promise<number> {
    const limit = this.parts.maxLanes - this.lanes.size;
    if (limit <= 0) return 0;
    try {
      const busyLanes = [...this.lanes.keys()];
      const taken = await this.parts.outbox.claim({ holders: this.parts.online(), busyLanes, limit });
      for (const [lane, works] of byLane(taken)) this.run(lane, works);
      return taken.length;
    } catch (error) {
      this.parts.log.warn('outbox-read-failed', {
        error: error instanceof Error ? error.name : typeof error,
      });
      return 0;
    }
  }

  private run(lane: string, works: readonly OwedWork[]): void {
    const running = this.walk(works).finally(() => {
      this.lanes.delete(lane);
      this.wake();
    });
    this.lanes.set(lane, running);
  }

  private async walk(works: readonly OwedWork[]): Promise<void> {
    for (const work of works) {
      if (this.stopping.signal.aborted) return;
      try {
        await this.parts.courier.attempt(work);
      } catch (error) {
        // The row keeps its lease, and is due again when that ends.
        this.parts.log.warn('outbox-write-failed', {
          error: error instanceof Error ? error.name : typeof error,
        });
      }
    }
  }
}

function byLane(works: readonly OwedWork[]): ReadonlyMap<string, readonly OwedWork[]> {
  const lanes = new Map<string, OwedWork[]>();
  for (const work of works) lanes.set(work.lane, [...(lanes.get(work.lane) ?? []), work]);
  return lanes;
}
