import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MessageDraft, SystemClock } from '@musubi/messaging';
import { type RemoteCalls, TappedRemoteCalls } from '@musubi/network';
import { SeededRandom } from '@musubi/observers';
import { randomBytes } from '@musubi/crypto';
import { checkIntegrity, type Sent } from '../figures/integrity.js';
import { quantilesOf } from '../figures/quantiles.js';
import { LabNode } from '../node/lab-node.js';
import { type LabServer } from '../node/lab-server.js';
import { type Variant } from '../node/variants.js';
import { type IntegrityReport, type LoadPoint } from '../report/report.js';
import { type Send } from '../workloads/workload.js';
import { LoadedAct } from './act-of-sending.js';
import { DeliveryWatch } from './delivery-watch.js';

export interface LoadOptions {
  readonly concurrency: number;
  /** Who writes to whom, in order; their times are not used. */
  readonly sends: readonly Send[];
  readonly agents: number;
  readonly seed: number;
}

/** The share of the throughput just found that latency is measured under: busy, and not yet a queue without end. */
const OFFERED_SHARE = 0.6;
/** As many commits at once as a pool of an ordinary service lets through; a veto holds one while it waits for another. */
const poolFor = (concurrency: number): number => Math.min(2 * concurrency + 4, 72);

/** How long each part of a load may take: what is not delivered by then is given up, and counted. */
const PART_MS = 10_000;
/** Agents of one machine answer in milliseconds, or wait for one another. */
const CALL_TIMEOUT_MS = 500;

interface Timed {
  readonly saved: number;
  readonly delivered: number;
}

export interface LoadRun {
  readonly point: LoadPoint;
  readonly integrity: IntegrityReport;
}

/** Loads one placement with so many senders at once, in real time and with durable commits. */
export async function loadPlacement(
  { server, variant }: { readonly server: LabServer; readonly variant: Variant },
  options: LoadOptions,
): Promise<LoadRun> {
  const clock = new SystemClock(() => performance.timeOrigin + performance.now());
  const chance = new SeededRandom(options.seed);
  const calls = { count: 0 };
  const node = await LabNode.open({
    db: await server.open({ poolSize: poolFor(options.concurrency), isDurable: true }),
    variant,
    clock,
    random: randomBytes,
    chance: () => chance.float(),
    callTimeoutMs: CALL_TIMEOUT_MS,
    listen: (inner: RemoteCalls) => new TappedRemoteCalls(inner, clock, () => void (calls.count += 1)),
  });
  try {
    await node.addAgents(options.agents);
    const load = new Load(node, () => chance.float());
    const point = await measure(load, calls, options);
    await node.settle();
    return { point, integrity: await checkIntegrity(node, load.sent) };
  } finally {
    await node.close();
  }
}

/** Throughput first, back to back; then latency, at a share of it. */
async function measure(
  load: Load,
  calls: { count: number },
  { sends, concurrency }: LoadOptions,
): Promise<LoadPoint> {
  await load.greet(sends);
  calls.count = 0;
  const half = Math.ceil(sends.length / 2);
  const { delivered, seconds } = await load.backToBack(sends.slice(0, half), concurrency);
  const actsPerSecond = delivered / seconds;
  const timed = delivered === 0 ? [] : await load.atRate(sends.slice(half), OFFERED_SHARE * actsPerSecond);
  return {
    concurrency,
    acts: sends.length,
    gaveUp: load.gaveUp,
    firstError: load.firstError,
    seconds,
    actsPerSecond,
    headMovedPerMessage: load.headMoved / sends.length,
    attemptsPerMessage: load.attempts / sends.length,
    callsPerMessage: calls.count / sends.length,
    saved: quantilesOf(timed.map(({ saved }) => saved)),
    delivered: quantilesOf(timed.map(({ delivered }) => delivered)),
  };
}

class Load {
  readonly sent: Sent[] = [];
  attempts = 0;
  headMoved = 0;
  gaveUp = 0;
  firstError: string | null = null;
  private readonly watch: DeliveryWatch;
  private until = AbortSignal.timeout(PART_MS);

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
    this.until = AbortSignal.timeout(PART_MS);
    const begun = performance.now();
    const queue = sends.values();
    let delivered = 0;
    const sender = async (): Promise<void> => {
      for (const send of queue) delivered += Number((await this.act(send, performance.now())) !== null);
    };
    await Promise.all(Array.from({ length: senders }, sender));
    return { delivered, seconds: (performance.now() - begun) / 1000 };
  }

  /** Acts begin when they are due, whether the ones before are over or not; times count from when they were due. */
  async atRate(sends: readonly Send[], perSecond: number): Promise<readonly Timed[]> {
    this.until = AbortSignal.timeout(PART_MS);
    let due = performance.now();
    const acts: Promise<Timed | null>[] = [];
    for (const send of sends) {
      // Arrivals of a Poisson process.
      due += (-Math.log(1 - this.chance()) / perSecond) * 1000;
      const wait = due - performance.now();
      if (wait > 0) await sleep(wait);
      acts.push(this.act(send, due));
    }
    return (await Promise.all(acts)).filter((timed) => timed !== null);
  }

  /** @returns `null` when it was not delivered in the time there was */
  private async act(send: Send, due: number): Promise<Timed | null> {
    if (this.until.aborted) return this.giveUp('TimeoutError');
    const draft = this.node.draft(send.from, send.to, 'hello');
    const act = new LoadedAct(this.node, this.chance, this.until);
    try {
      const timed = await this.perform(act, draft, due);
      return timed ?? this.giveUp('TimeoutError');
    } catch (error) {
      return this.giveUp(error instanceof Error ? error.name : typeof error);
    } finally {
      this.attempts += act.count.attempts;
      this.headMoved += act.count.headMoved;
      this.sent.push({ id: this.node.idOf(draft), from: send.from, to: send.to, isAcknowledged: act.isDone });
    }
  }

  private async perform(act: LoadedAct, draft: MessageDraft, due: number): Promise<Timed | null> {
    const heard = this.watch.delivered(this.node.idOf(draft), this.until);
    const id = await act.save(draft);
    const saved = performance.now() - due;
    if (this.node.variant.act === 'stepwise') await act.sendAndConfirm(draft, id);
    if (!(await heard)) return null;
    act.isDone = true;
    return { saved, delivered: performance.now() - due };
  }

  private giveUp(error: string): null {
    this.gaveUp += 1;
    this.firstError ??= error;
    return null;
  }
}
