import { type NodeContext } from '@musubi/cell';
import { toBase64Url } from '@musubi/crypto';
import { AgentOfflineError, type AgentPubKey } from '@musubi/messaging';
import { laneOf } from './outbox-lanes.js';
import { type OutboxEntry } from './outbox-row.js';
import { type OutboxStore } from './outbox.store.js';
import { type Patience } from './patience.js';

interface SilentLanesParts {
  readonly node: Pick<NodeContext, 'keyring' | 'log'>;
  readonly outbox: Pick<OutboxStore, 'catchUp'>;
  readonly patience: Patience;
}

/** 43 characters each. A lane that is forgotten is tried when it is due. */
const REMEMBERED_LANES = 100_000;

/**
 * The lanes in which somebody did not answer, as far as this process has seen: once somebody does, what waits there
 * follows. A lane in which everything is answered costs nothing.
 */
export class SilentLanes {
  private readonly lanes = new Set<string>();
  private readonly catchingUp = new Map<string, Promise<void>>();

  constructor(private readonly parts: SilentLanesParts) {}

  note(lane: string | null): void {
    if (lane === null) return;
    if (this.lanes.size >= REMEMBERED_LANES) this.lanes.clear();
    this.lanes.add(lane);
  }

  /** A step was done. Of a first attempt the lane is not known, but who answered. */
  noteAnswer(work: OutboxEntry, by: AgentPubKey | null): void {
    // With a number of attempts each step waits for itself.
    if (this.parts.patience.kind === 'attempts') return;
    if (work.lane !== '' && work.lastError !== null) this.answered(work.holder, work.lane);
    else if (this.lanes.size > 0) this.answeredBy(work.holder, by);
  }

  async whenIdle(): Promise<void> {
    await Promise.all(this.catchingUp.values());
  }

  private answeredBy(holder: AgentPubKey, peer: AgentPubKey | null): void {
    const lane = peer === null ? null : this.laneWith(holder, peer);
    if (lane !== null && this.lanes.has(lane)) this.answered(holder, lane);
  }

  private answered(holder: AgentPubKey, lane: string): void {
    this.lanes.delete(lane);
    if (!this.catchingUp.has(lane)) this.catchUp(holder, lane);
  }

  private catchUp(holder: AgentPubKey, lane: string): void {
    const catching = this.parts.outbox
      .catchUp(holder, lane)
      .catch((error: unknown) => {
        this.parts.node.log.warn('outbox-write-failed', {
          error: error instanceof Error ? error.name : typeof error,
        });
      })
      .finally(() => this.catchingUp.delete(lane));
    this.catchingUp.set(lane, catching);
  }

  private laneWith(holder: AgentPubKey, peer: AgentPubKey): string | null {
    try {
      return toBase64Url(laneOf(this.parts.node.keyring.keysOf(holder), peer));
    } catch (error) {
      if (error instanceof AgentOfflineError) return null;
      throw error;
    }
  }
}
