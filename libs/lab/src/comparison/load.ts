import { performance } from 'node:perf_hooks';
import { randomBytes } from '@musubi/crypto';
import { SystemClock } from '@musubi/messaging';
import { type RemoteCalls, TappedRemoteCalls } from '@musubi/network';
import { SeededRandom } from '@musubi/observers';
import { checkIntegrity } from '../figures/integrity.js';
import { type LoadRound, pointOf } from '../figures/load-point.js';
import { type MachineWatch } from '../machine/machine-watch.js';
import { quietRounds } from '../machine/quiet-rounds.js';
import { LabNode } from '../node/lab-node.js';
import { type LabServer } from '../node/lab-server.js';
import { type Variant } from '../node/variants.js';
import { type IntegrityReport, type LoadPoint } from '../report/report.js';
import { HANG_MS } from '../simulation/hang-bound.js';
import { LoadActs } from '../simulation/load-acts.js';
import { type Send } from '../workloads/workload.js';

interface LoadParts {
  readonly server: LabServer;
  readonly variant: Variant;
  readonly machine: MachineWatch;
}

interface LoadOptions {
  readonly concurrency: number;
  /** Who writes to whom in each half of a round, in order; their times are not used. */
  readonly sends: readonly Send[];
  readonly agents: number;
  readonly seed: number;
}

/** The share of the throughput just found that latency is measured under: busy, and not yet a queue without end. */
const OFFERED_SHARE = 0.6;
/** As many commits at once as a pool of an ordinary service lets through; a veto holds one while it waits for another. */
const poolFor = (concurrency: number): number => Math.min(2 * concurrency + 4, 72);

/** A reply always comes: that it takes long is a figure, and no failure. */
const CALL_TIMEOUT_MS = 60_000;
/** Two savers that call each other while each holds its own chain wait for this, and for nothing else. */
const VETO_TIMEOUT_MS = 500;
const CUT_EVERY_MS = 300;

export interface LoadRun {
  readonly point: LoadPoint;
  readonly integrity: IntegrityReport;
}

/** Loads one placement with so many senders at once, in real time and with durable commits. */
export async function loadPlacement(parts: LoadParts, options: LoadOptions): Promise<LoadRun> {
  const { server, variant, machine } = parts;
  const clock = new SystemClock(() => performance.timeOrigin + performance.now());
  const chance = new SeededRandom(options.seed);
  const calls = { count: 0 };
  const node = await LabNode.open({
    db: await server.open({ poolSize: poolFor(options.concurrency), isDurable: true }),
    variant,
    clock,
    random: randomBytes,
    chance: () => chance.float(),
    callTimeoutMs: variant.options['protocol'] === 'veto' ? VETO_TIMEOUT_MS : CALL_TIMEOUT_MS,
    listen: (inner: RemoteCalls) => new TappedRemoteCalls(inner, clock, () => void (calls.count += 1)),
  });
  try {
    await node.addAgents(options.agents);
    const load = new LoadActs(node, () => chance.float());
    const point = await measure({ load, calls, machine }, options);
    // What still waits for a lock, and whatever takes its place, ends now: what is stored is to be looked at.
    while (!(await load.settles(CUT_EVERY_MS))) await server.cut(node.db);
    await node.whenIdle();
    return { point, integrity: await checkIntegrity(node, load.sent) };
  } finally {
    await node.close();
    await server.drop(node.db);
  }
}

interface Loading {
  readonly load: LoadActs;
  readonly calls: { count: number };
  readonly machine: MachineWatch;
}

/** Rounds of so many acts each. The first one warms up plans and compiled code, and is not counted. */
async function measure({ load, calls, machine }: Loading, options: LoadOptions): Promise<LoadPoint> {
  await load.greet(options.sends);
  const round = (): Promise<LoadRound> => roundOf(load, calls, options);
  await round();
  const { rounds, validity } = await quietRounds(machine, round);
  const hung = load.hasHung ? `no act ended for ${HANG_MS / 1000} s` : null;
  return pointOf(options.concurrency, rounds, { ...validity, notValid: hung ?? validity.notValid });
}

/** Throughput first, back to back; then latency, at a share of it. */
async function roundOf(
  load: LoadActs,
  calls: { count: number },
  { sends, concurrency }: LoadOptions,
): Promise<LoadRound> {
  calls.count = 0;
  const { delivered, seconds } = await load.backToBack(sends, concurrency);
  const perSecond = delivered / seconds;
  const timed = delivered === 0 ? [] : await load.atRate(sends, OFFERED_SHARE * perSecond);
  return {
    ...load.takeTally(),
    backToBack: sends.length,
    seconds,
    perSecond,
    timed,
    calls: calls.count,
  };
}
