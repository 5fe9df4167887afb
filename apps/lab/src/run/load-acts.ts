import { setMaxListeners } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MessageDraft } from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';
import { type Sent } from '../figures/integrity.js';
import { type LabNode } from '../node/lab-node.js';
import { type Send } from '../workloads/workload.js';
import { LoadedAct } from './act-of-sending.js';
import { DeliveryWatch } from './delivery-watch.js';

/** How long each part of a load may take: what is not delivered by then is given up, and counted. */
const PART_MS = 5_000;

/** How long one act took, in milliseconds from when it was due. */
export interface Timed {
  readonly saved: number;
  readonly delivered: number;
}

function aborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve(null);
      },
      { once: true },
    );
  });
}

/** A signal that any number of acts wait for. */
function deadline(ms: number): AbortSignal {
  const signal = AbortSignal.timeout(ms);
  setMaxListeners(0, signal);
  return signal;
}

/** The acts of sending of one load, and how they ended. */
export class LoadActs {
  readonly sent: Sent[] = [];
  attempts = 0;
  headMoved = 0;
  gaveUp = 0;
  firstError: string | null = null;
  private readonly watch: DeliveryWatch;
  private until = deadline(PART_MS);
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(
    private readonly node: LabNode,
    private readonly chance: () => number,
  ) {
    this.watch = new DeliveryWatch(node);
  }

  /** A first message of each pair, which costs what no other costs, before anything is timed. */
  async greet(sends: readonly Send[]): Promise<void> {
    const pairs = new Map(sends.map((send) => [`${send.from} ${send.to}`, send]));
    for (const send of pairs.values()) await this.act(send, performance.now());
    [this.attempts, this.headMoved, this.gaveUp] = [0, 0, 0];
  }

  /** Each of so many senders begins its next act when its last one is over. */
  async backToBack(sends: readonly Send[], senders: number): Promise<{ delivered: number; seconds: number }> {
    this.until = deadline(PART_MS);
    const begun = performance.now();
    const queue = sends.values();
    let delivered = 0;
    const sender = async (): Promise<void> => {
      for (const send of queue) {
        const timed = await this.act(send, performance.now());
        if (timed !== null) delivered += 1;
      }
    };
    await Promise.all(Array.from({ length: senders }, sender));
    return { delivered, seconds: (performance.now() - begun) / 1000 };
  }

  /** Acts begin when they are due, whether the ones before are over or not; times count from when they were due. */
  async atRate(sends: readonly Send[], perSecond: number): Promise<readonly Timed[]> {
    this.until = deadline(PART_MS);
    let due = performance.now();
    const acts: Promise<Timed | null>[] = [];
    for (const send of sends) {
      // Arrivals of a Poisson process.
      due += (-Math.log(1 - this.chance()) / perSecond) * 1000;
      const wait = due - performance.now();
      if (wait > 0) await Promise.race([sleep(wait), aborted(this.until)]);
      acts.push(this.act(send, due));
    }
    return (await Promise.all(acts)).filter((timed) => timed !== null);
  }

  /** Waits for acts that were given up and go on all the same. @returns whether they were over by then */
  settles(ms: number): Promise<boolean> {
    return Promise.race([Promise.all(this.underWay).then(() => true), sleep(ms, false)]);
  }

  /** @returns `null` when it was not delivered in the time there was */
  private async act(send: Send, due: number): Promise<Timed | null> {
    if (this.until.aborted) return this.giveUp('TimeoutError');
    const draft = this.node.draft(send.from, send.to, 'hello');
    const act = new LoadedAct(this.node, this.chance, this.until);
    try {
      // What waits for a lock that is never given back is left to wait.
      const timed = await Promise.race([this.watched(this.perform(act, draft, due)), aborted(this.until)]);
      return timed ?? this.giveUp('TimeoutError');
    } catch (error) {
      return this.giveUp(error instanceof Error ? error.name : typeof error);
    } finally {
      this.attempts += act.count.attempts;
      this.headMoved += act.count.headMoved;
      this.sent.push({ id: messageIdOf(draft), from: send.from, to: send.to, isAcknowledged: act.isDone });
    }
  }

  private async perform(act: LoadedAct, draft: MessageDraft, due: number): Promise<Timed | null> {
    const heard = this.watch.delivered(messageIdOf(draft), this.until);
    const id = await act.save(draft);
    const saved = performance.now() - due;
    if (this.node.variant.act === 'stepwise') await act.sendAndConfirm(draft, id);
    if (!(await heard)) return null;
    act.isDone = true;
    return { saved, delivered: performance.now() - due };
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

  private giveUp(error: string): null {
    this.gaveUp += 1;
    this.firstError ??= error;
    return null;
  }
}
