import { type AgentKeys, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { transact } from '@musubi/database';
import { AgentOfflineError, type AgentPubKey } from '@musubi/messaging';
import { longestWaitUs } from './backoff.js';
import { HASTEN, HASTEN_ALL, LANE, type LaneRow, PUT_OFF_BESIDE, WAITING_HOLDERS } from './lanes.sql.js';
import { type StepName } from './noting-changes.js';
import { type OutboxStoreOptions } from './outbox-claims.js';
import { longestShareUs, patienceUs } from './patience.js';

/** Of a lane that was answered so many further steps become due at a time: each that is done makes room for others. */
const CATCH_UP = 64;
/** Beyond so many lanes to look for, each that waits is tried: that costs less than to tell them apart. */
const MOST_LANES = 20_000;

/** When the next step of a lane is due, and which attempt the last one was. */
interface LaneAhead {
  readonly lane: string;
  readonly next: { readonly dueAt: number; readonly attempt: number } | null;
}

/** The steps of one holder for one recipient wait together: one is tried for all of them. */
export class OutboxLanes {
  constructor(private readonly options: OutboxStoreOptions) {}

  /** What waits in the lane of that step besides; `null` when the step is not pending. */
  async ahead(name: StepName): Promise<LaneAhead | null> {
    const now = this.options.clock.now();
    const far = now + longestWaitUs(this.options.leaseUs);
    const [row] = await this.options.db.query<LaneRow[]>(LANE, [...name, now, far]);
    if (row === undefined) return null;
    const { attempt, due_at: dueAt } = row;
    const next = dueAt === null || attempt === null ? null : { dueAt: Number(dueAt), attempt };
    return { lane: toBase64Url(row.lane), next };
  }

  /** The recipient did not answer: all that wait for it besides wait until then. */
  async putOffBeside(name: StepName, { dueAt, attempt }: { dueAt: number; attempt: number }): Promise<void> {
    const { clock, patience } = this.options;
    // The wait that begins, and what passed since the last one was over.
    const most = Math.max(0, dueAt - clock.now()) + longestShareUs(patience);
    await this.write(PUT_OFF_BESIDE, [...name, dueAt, attempt, most, patienceUs(patience)]);
  }

  /** The recipient has answered: what else waits in its lane is due, some of it at a time. */
  async catchUp(holder: AgentPubKey, lane: string): Promise<void> {
    await this.hastenLanes([fromBase64Url(holder)], [fromBase64Url(lane)], CATCH_UP);
  }

  /** Of all that these holders have waiting for these recipients, the first step each is due at once. */
  async hasten(holders: readonly AgentPubKey[], recipients: readonly AgentPubKey[]): Promise<void> {
    const here = new Set<string>(holders);
    const rows = await this.options.db.query<{ holder: Uint8Array }[]>(WAITING_HOLDERS);
    const waiting = rows.map(({ holder }) => toBase64Url(holder)).filter((holder) => here.has(holder));
    if (waiting.length === 0) return;
    if (waiting.length * recipients.length > MOST_LANES) {
      await this.hastenAll(holders);
      return;
    }
    const keys = holders
      .filter((holder) => waiting.includes(holder))
      .flatMap((holder) => this.unlocked(holder));
    const pairs = keys.flatMap((own) =>
      recipients.map((recipient) => [own.agent, laneOf(own, recipient)] as const),
    );
    await this.hastenLanes(
      pairs.map(([holder]) => fromBase64Url(holder)),
      pairs.map(([, lane]) => lane),
      1,
    );
  }

  /** Of every lane of these holders, the first step is due at once. */
  async hastenAll(holders: readonly AgentPubKey[]): Promise<void> {
    const { clock, leaseUs } = this.options;
    await this.write(HASTEN_ALL, [
      clock.now(),
      longestWaitUs(leaseUs),
      holders.map((holder) => fromBase64Url(holder)),
    ]);
  }

  private async hastenLanes(
    holders: readonly Uint8Array[],
    lanes: readonly Uint8Array[],
    count: number,
  ): Promise<void> {
    const { clock, leaseUs } = this.options;
    await this.write(HASTEN, [clock.now(), longestWaitUs(leaseUs), holders, lanes, count]);
  }

  /** Two that take many rows may get in each other's way: one of them begins again. */
  private async write(statement: string, parameters: readonly unknown[]): Promise<void> {
    await transact(this.options.db, (tx) => tx.query(statement, [...parameters]));
  }

  /** Who signed out just now waits until it signs in. */
  private unlocked(holder: AgentPubKey): readonly AgentKeys[] {
    try {
      return [this.options.keysOf(holder)];
    } catch (error) {
      if (error instanceof AgentOfflineError) return [];
      throw error;
    }
  }
}

/** What the lane of a holder for a recipient is called. */
export function laneOf(holder: AgentKeys, recipient: AgentPubKey): Uint8Array {
  return holder.blind('musubi/outbox/lane', fromBase64Url(recipient));
}
