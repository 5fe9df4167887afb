import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MessageDraft } from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';
import { type LabNode } from '../node/lab-node.js';
import { type Send } from '../workloads/workload.js';
import { LoadedAct } from './act-of-sending.js';
import { DeliveryWatch } from './delivery-watch.js';
import { HangBound } from './hang-bound.js';
import { IdleTurns } from './idle-turns.js';
import { type Sent } from './sent.js';

/** How often a node must have been idle before an act that was not heard of is given up: no push takes two. */
const IDLE_TIMES = 3;

/** How long one act took, in milliseconds from when it was due. */
export interface Timed {
  readonly saved: number;
  readonly delivered: number;
}

/** What became of some acts. */
export interface Tally {
  readonly acts: number;
  readonly attempts: number;
  readonly headMoved: number;
  readonly gaveUp: number;
  /** By name; `null` where none was given up. */
  readonly firstError: string | null;
}

const NONE: Tally = { acts: 0, attempts: 0, headMoved: 0, gaveUp: 0, firstError: null };

/** The acts of sending of one load, and how they ended. They end by themselves: no clock ends them. */
export class LoadActs {
  readonly sent: Sent[] = [];
  /** Whether nothing ended any more, and what was left was not waited for. */
  hasHung = false;
  private tally = NONE;
  private readonly watch: DeliveryWatch;
  private readonly idle: IdleTurns;
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(
    private readonly node: LabNode,
    private readonly chance: () => number,
  ) {
    this.watch = new DeliveryWatch(node);
    this.idle = new IdleTurns(node);
  }

  /** A first message of each pair, which costs what no other costs, before anything is timed. */
  async greet(sends: readonly Send[]): Promise<void> {
    const pairs = new Map(sends.map((send) => [`${send.from} ${send.to}`, send]));
    await this.backToBack([...pairs.values()], 1);
    this.takeTally();
  }

  /** Counted since the last time. */
  takeTally(): Tally {
    const tally = this.tally;
    this.tally = NONE;
    return tally;
  }

  /** Each of so many senders begins its next act when its last one is over. */
  async backToBack(
    sends: readonly Send[],
    senders: number,
  ): Promise<{ readonly delivered: number; readonly seconds: number }> {
    const begun = performance.now();
    const queue = sends.values();
    const delivered = await this.bounded(async (bound) => {
      const sender = async (): Promise<number> => {
        let count = 0;
        for (const send of queue) count += (await this.act(send, performance.now(), bound)) === null ? 0 : 1;
        return count;
      };
      return Promise.all(Array.from({ length: senders }, sender));
    });
    const seconds = (performance.now() - begun) / 1000;
    return { delivered: delivered.reduce((sum, count) => sum + count, 0), seconds };
  }

  /** Acts begin when they are due, whether the ones before are over or not; times count from when they were due. */
  async atRate(sends: readonly Send[], perSecond: number): Promise<readonly Timed[]> {
    const timed = await this.bounded(async (bound) => {
      let due = performance.now();
      const acts: Promise<Timed | null>[] = [];
      for (const send of sends) {
        // Arrivals of a Poisson process.
        due += (-Math.log(1 - this.chance()) / perSecond) * 1000;
        const wait = due - performance.now();
        if (wait > 0) await sleep(wait);
        acts.push(this.act(send, due, bound));
      }
      return Promise.all(acts);
    });
    return timed.filter((each) => each !== null);
  }

  /** Waits for acts that were counted as hung and still run. @returns whether all ended in time */
  settles(ms: number): Promise<boolean> {
    return Promise.race([Promise.all(this.underWay).then(() => true), sleep(ms, false)]);
  }

  private async bounded<Result>(work: (bound: HangBound) => Promise<Result>): Promise<Result> {
    const bound = new HangBound();
    try {
      return await work(bound);
    } finally {
      bound.stop();
      this.hasHung ||= bound.isReached;
    }
  }

  /** @returns `null` when it was given up */
  private async act(send: Send, due: number, bound: HangBound): Promise<Timed | null> {
    const draft = this.node.draft(send.from, send.to, 'hello');
    const act = new LoadedAct(this.node, this.chance, () => bound.isReached);
    let error: string | null = null;
    try {
      const timed = await Promise.race([this.watched(this.perform(act, draft, due)), bound.reached]);
      if (timed === null) error = bound.isReached ? 'hung' : 'never heard of';
      return timed;
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.name : typeof thrown;
      return null;
    } finally {
      bound.progress();
      this.count(act, error);
      this.sent.push({ id: messageIdOf(draft), from: send.from, to: send.to, isAcknowledged: act.isDone });
    }
  }

  private async perform(act: LoadedAct, draft: MessageDraft, due: number): Promise<Timed | null> {
    const heard = this.watch.delivered(messageIdOf(draft));
    const id = await act.save(draft);
    const saved = performance.now() - due;
    if (this.node.variant.act === 'stepwise') await act.sendAndConfirm(draft, id);
    if (!(await this.isHeard(heard))) return null;
    act.isDone = true;
    return { saved, delivered: performance.now() - due };
  }

  /** What is not heard of, though nothing is under way any more, never will be. */
  private async isHeard(heard: Promise<true>): Promise<boolean> {
    for (let time = 0; time < IDLE_TIMES; time += 1) {
      if (await Promise.race([heard, this.idle.whenIdle()])) return true;
    }
    return false;
  }

  private watched<Result>(act: Promise<Result>): Promise<Result> {
    const watching = act
      .catch(() => undefined)
      .finally(() => {
        this.underWay.delete(watching);
      });
    this.underWay.add(watching);
    return act;
  }

  private count({ count }: LoadedAct, error: string | null): void {
    const { acts, attempts, headMoved, gaveUp, firstError } = this.tally;
    this.tally = {
      acts: acts + 1,
      attempts: attempts + count.attempts,
      headMoved: headMoved + count.headMoved,
      gaveUp: gaveUp + (error === null ? 0 : 1),
      firstError: firstError ?? error,
    };
  }
}
