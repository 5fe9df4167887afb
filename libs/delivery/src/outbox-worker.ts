import { type AgentPubKey, type Clock, type Log } from '@musubi/messaging';
import { type ClaimScope, wasUnanswered } from './claim.sql.js';
import { type OutboxEntry } from './outbox-row.js';
import { type OutboxStore } from './outbox.store.js';

interface OutboxWorkerParts {
  readonly outbox: Pick<OutboxStore, 'claim' | 'nextDue' | 'release'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Makes one attempt at a step, and notes how it ended. */
  attempt(work: OutboxEntry): Promise<{ readonly kind: string; readonly isSilent?: boolean }>;
  /** Instead of an attempt, where the recipient has just not answered the step before. */
  pass?(work: OutboxEntry): Promise<void>;
  /** The agents that are online here. */
  online(): readonly AgentPubKey[];
  /** How many lanes may be in flight at once. */
  readonly maxLanes: number;
  /** How long nobody looks at the outbox at most, in milliseconds, whether or not word of it gets through. */
  readonly pollMs: number;
}

/** Steps that are due and cannot be taken are just being taken by another worker. */
const SHORTEST_PAUSE_MS = 20;

/** One lane in so many may be spent on recipients who did not answer the last time, and at least one. */
const LANES_A_DOUBT = 8;

interface Lane {
  readonly running: Promise<void>;
  readonly isInDoubt: boolean;
}

/**
 * Drains the outbox: each lane one step at a time, many lanes at once, so that no peer waits for another. Who did not
 * answer is asked again on few lanes only: fifty who are away would else hold them all, each for as long as a call
 * may take, while those who are there wait.
 * It sleeps until the next step is due; `wake` tells it of one that is due sooner. A step that another process has
 * just enqueued is leased for longer than a poll, so a poll learns of it in time.
 */
export class OutboxWorker {
  private readonly lanes = new Map<string, Lane>();
  private readonly stopping = new AbortController();
  private pause = new AbortController();
  private draining: Promise<void> = Promise.resolve();

  constructor(private readonly parts: OutboxWorkerParts) {}

  start(): void {
    this.draining = this.drain();
  }

  /** Takes no more steps, waits for those in hand, and gives back what nobody has tried yet. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.draining;
    await Promise.all([...this.lanes.values()].map(({ running }) => running));
  }

  /** Looks at the outbox now: something is due, or an agent came online. */
  wake(): void {
    this.pause.abort();
  }

  private async drain(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.pause = new AbortController();
      if ((await this.takeDue()) > 0) continue;
      await this.parts.clock.sleep(await this.pauseMs(), this.pause.signal);
    }
  }

  private async pauseMs(): Promise<number> {
    const { outbox, clock, pollMs } = this.parts;
    if (this.lanes.size >= this.parts.maxLanes) return pollMs;
    try {
      const due = await outbox.nextDue(this.scope());
      if (due === null) return pollMs;
      return Math.min(pollMs, Math.max(SHORTEST_PAUSE_MS, Math.ceil((due - clock.now()) / 1000)));
    } catch (error) {
      this.warn('outbox-read-failed', error);
      return pollMs;
    }
  }

  /** @returns how many steps were taken */
  private async takeDue(): Promise<number> {
    const limit = this.parts.maxLanes - this.lanes.size;
    if (limit <= 0) return 0;
    try {
      const taken = await this.parts.outbox.claim({ ...this.scope(), limit });
      for (const [lane, works] of byLane(taken)) this.run(lane, works);
      return taken.length;
    } catch (error) {
      this.warn('outbox-read-failed', error);
      return 0;
    }
  }

  /** What can be taken beside what is in flight. */
  private scope(): Omit<ClaimScope, 'limit'> {
    const most = Math.max(1, Math.floor(this.parts.maxLanes / LANES_A_DOUBT));
    const doubts = [...this.lanes.values()].filter(({ isInDoubt }) => isInDoubt).length;
    return {
      holders: this.parts.online(),
      busyLanes: [...this.lanes.keys()],
      unansweredLimit: Math.max(0, most - doubts),
    };
  }

  private run(lane: string, works: readonly OutboxEntry[]): void {
    const running = this.walk(works).finally(() => {
      this.lanes.delete(lane);
      this.wake();
    });
    this.lanes.set(lane, { running, isInDoubt: works.some(wasUnanswered) });
  }

  private async walk(works: readonly OutboxEntry[]): Promise<void> {
    /** The placements on which the recipient has not answered. */
    const silent = new Set<string>();
    for (const work of works) {
      // The lane was so slow that the lease ended: another process has taken the step since.
      if (work.dueAt <= this.parts.clock.now()) continue;
      try {
        await this.step(work, silent);
      } catch (error) {
        // The row keeps its lease, and is due again when that ends.
        this.warn('outbox-write-failed', error);
      }
    }
  }

  private async step(work: OutboxEntry, silent: Set<string>): Promise<void> {
    const { strategy } = work.outboxKey;
    if (this.stopping.signal.aborted) await this.parts.outbox.release(work);
    else if (silent.has(strategy)) await this.parts.pass?.(work);
    else if ((await this.parts.attempt(work)).isSilent === true) silent.add(strategy);
  }

  private warn(event: string, error: unknown): void {
    this.parts.log.warn(event, { error: error instanceof Error ? error.name : typeof error });
  }
}

function byLane(works: readonly OutboxEntry[]): ReadonlyMap<string, readonly OutboxEntry[]> {
  const lanes = new Map<string, OutboxEntry[]>();
  for (const work of works) lanes.set(work.lane, [...(lanes.get(work.lane) ?? []), work]);
  return lanes;
}
