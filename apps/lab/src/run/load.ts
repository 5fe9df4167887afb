import { performance } from 'node:perf_hooks';
import { SystemClock } from '@musubi/messaging';
import { type RemoteCalls, TappedRemoteCalls } from '@musubi/network';
import { SeededRandom } from '@musubi/observers';
import { randomBytes } from '@musubi/crypto';
import { checkIntegrity } from '../figures/integrity.js';
import { quantilesOf } from '../figures/quantiles.js';
import { LabNode } from '../node/lab-node.js';
import { type LabServer } from '../node/lab-server.js';
import { type Variant } from '../node/variants.js';
import { type IntegrityReport, type LoadPoint } from '../report/report.js';
import { type Send } from '../workloads/workload.js';
import { LoadActs } from './load-acts.js';

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

/** Agents of one machine answer in milliseconds, or wait for one another. */
const CALL_TIMEOUT_MS = 500;
const CUT_EVERY_MS = 300;

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
    const load = new LoadActs(node, () => chance.float());
    const point = await measure(load, calls, options);
    // What still waits for a lock, and whatever takes its place, ends now: what is stored is to be looked at.
    while (!(await load.settles(CUT_EVERY_MS))) await server.cut(node.db);
    await node.settle();
    return { point, integrity: await checkIntegrity(node, load.sent) };
  } finally {
    await node.close();
  }
}

/** Throughput first, back to back; then latency, at a share of it. */
async function measure(
  load: LoadActs,
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
    backToBack: half,
    timed: timed.length,
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
