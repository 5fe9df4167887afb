import { type RemoteCalls, type Signals, type TappedCall, TappedRemoteCalls } from '@musubi/network';
import { SeededRandom } from '@musubi/observers';
import { SimulatedClock } from '../node/lab-clock.js';
import { LabNode } from '../node/lab-node.js';
import { type LabServer } from '../node/lab-server.js';
import { realTime } from '../node/real-time.js';
import { seededBytes } from '../node/seeded-bytes.js';
import { type Variant } from '../node/variants.js';
import { type Workload } from '../workloads/workload.js';
import { CommitWatch } from './commit-watch.js';
import { SimulationRun, type Heard } from './course.js';
import { HeldPushes } from './held-pushes.js';
import { IMMEDIATE, type ReceiptTiming } from './receipt-timing.js';
import { type Sent } from './sent.js';
import { SHORT_TEXTS, type TextOf } from './texts.js';

/** 2026-01-01, when every simulation begins. */
export const START = Date.UTC(2026, 0, 1) * 1000;
/**
 * On one connection, what goes on side by side takes turns in an order that the server's speed has no part in. Within a
 * save, though, a sender that holds one waits for a recipient that needs another; and so may a fault.
 */
const poolSizeFor = ({ act }: Variant, { suffer }: SimulationOptions): number =>
  act === 'stepwise' && suffer === undefined ? 1 : 4;
/** Of simulated time, which stands still during a call. */
const CALL_TIMEOUT_MS = 10_000;
/** Events between two looks at the write-ahead log: the server keeps more of it than that (`LabServer`). */
const LOOK_EVERY = 256;

interface SimulationOptions {
  readonly seed: number;
  /** Called before each event; what it throws ends the simulation. */
  readonly onEvent?: (done: number, soFar: Simulation) => void | Promise<void>;
  /** Sets the faults that are suffered until the workload is over. */
  readonly suffer?: (node: LabNode) => void;
  /** When receipts come to their authors; immediately when absent. */
  readonly receipts?: ReceiptTiming;
  /** What messages say; short texts when absent, all of one size when padded. */
  readonly textOf?: TextOf;
}

export interface SimulationParts {
  readonly server: LabServer;
  readonly variant: Variant;
  readonly workload: Workload;
}

/** A workload that has run, message by message, in simulated time. */
export interface Simulation {
  readonly node: LabNode;
  readonly clock: Pick<SimulatedClock, 'time'>;
  readonly sent: readonly Sent[];
  /** The texts, in the order in which they were sent. */
  readonly texts: readonly string[];
  readonly calls: readonly TappedCall[];
  readonly savedAt: Heard;
  /** When a recipient had the message. */
  readonly deliveredAt: Heard;
  /** When the author knew of that. */
  readonly confirmedAt: Heard;
  /** When the traffic began, all agents having joined. */
  readonly since: Beginning;
  /** When the transactions of the traffic were committed. */
  readonly commits: CommitWatch;
  /** Whether all was written through one connection. */
  readonly hasOneWriter: boolean;
  /** An agent that takes part in nothing: a stranger to every conversation. */
  readonly stranger: number;
}

/** A moment, by every clock that an observer may have. */
interface Beginning {
  /** µs since the epoch */
  readonly at: number;
  /** The number of the first transaction that is of the traffic, or later. */
  readonly transaction: number;
}

/**
 * Runs a workload one event after another: the same seed leaves the same bytes, but for what PostgreSQL itself
 * numbers. The caller closes the node.
 */
export async function simulate(parts: SimulationParts, options: SimulationOptions): Promise<Simulation> {
  const { workload } = parts;
  const clock = new SimulatedClock(START);
  const calls: TappedCall[] = [];
  const { receipts = IMMEDIATE, textOf = SHORT_TEXTS, seed } = options;
  const course = new SimulationRun({ clock, start: START, receipts, random: new SeededRandom(seed), textOf });
  const node = await openNode(parts, { clock, options, calls, course });
  try {
    await node.addAgents(workload.agents + 1);
    course.listen(node);
    const since = { at: clock.now(), transaction: await transactionNow(node) };
    const hasOneWriter = poolSizeFor(parts.variant, options) === 1;
    const commits = await CommitWatch.open(node.db, clock, realTime);
    const { sent, texts, savedAt, deliveredAt, confirmedAt } = course;
    const told = { sent, texts, savedAt, deliveredAt, confirmedAt };
    const simulation = {
      node,
      clock,
      ...told,
      calls,
      since,
      commits,
      hasOneWriter,
      stranger: workload.agents,
    };
    options.suffer?.(node);
    for (const [done, event] of workload.events.entries()) {
      if (done % LOOK_EVERY === LOOK_EVERY - 1) await commits.look();
      await options.onEvent?.(done, simulation);
      await course.happen(node, event);
    }
    await course.finish(node);
    return simulation;
  } catch (error) {
    await node.close();
    throw error;
  }
}

interface Onlookers {
  readonly clock: SimulatedClock;
  readonly options: SimulationOptions;
  readonly calls: TappedCall[];
  readonly course: SimulationRun;
}

async function openNode(
  { server, variant }: SimulationParts,
  { clock, options, calls, course }: Onlookers,
): Promise<LabNode> {
  const { seed } = options;
  const chance = new SeededRandom(seed);
  return LabNode.open({
    db: await server.open({ poolSize: poolSizeFor(variant, options), isDurable: false }),
    variant,
    clock,
    random: seededBytes(seed),
    chance: () => chance.float(),
    callTimeoutMs: CALL_TIMEOUT_MS,
    delays: { sleep: (ms) => clock.pass(ms) },
    listen: (inner: RemoteCalls) => new TappedRemoteCalls(inner, clock, (call) => void calls.push(call)),
    // One thing at a time: what a push begins does not run into what its sender goes on with.
    hold: (signals: Signals) =>
      new HeldPushes(signals, (base, push) => {
        course.putOff(base, push);
      }),
  });
}

async function transactionNow({ db }: LabNode): Promise<number> {
  const [row] = await db.query<{ now: string }[]>('select pg_current_xact_id()::text as now');
  return Number(row?.now);
}
