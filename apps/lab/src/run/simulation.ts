import { CommitFailedError } from '@musubi/cell';
import { MessagingError } from '@musubi/messaging';
import { SeededRandom } from '@musubi/observers';
import { type RemoteCalls, type TappedCall, TappedRemoteCalls } from '@musubi/network';
import { messageIdOf } from '@musubi/receipts';
import { type Sent } from '../figures/integrity.js';
import { HeldSignals } from '../node/held-signals.js';
import { SimulatedClock } from '../node/lab-clock.js';
import { LabNode } from '../node/lab-node.js';
import { type LabServer } from '../node/lab-server.js';
import { seededBytes } from '../node/seeded-bytes.js';
import { type Variant } from '../node/variants.js';
import { type Send, type Workload, type WorkloadEvent } from '../workloads/workload.js';

/** 2026-01-01, when every simulation begins. */
export const START = Date.UTC(2026, 0, 1) * 1000;
const SECOND = 1_000_000;
/** Longer than all waits of the outbox together, from the first attempt to the last. */
const OUTBOX_SPAN = 60 * SECOND;
const ROUNDS = 8;
const POOL_SIZE = 4;
/** Of simulated time, which stands still during a call. */
const CALL_TIMEOUT_MS = 10_000;

export interface SimulationOptions {
  readonly seed: number;
  /** Called before each event; what it throws ends the simulation. */
  readonly onEvent?: (done: number, node: LabNode) => void | Promise<void>;
  /** Sets the faults that are suffered until the workload is over. */
  readonly suffer?: (node: LabNode) => void;
}

/** A workload that has run, message by message, in simulated time. */
export interface Simulation {
  readonly node: LabNode;
  readonly sent: readonly Sent[];
  /** The texts, in the order in which they were sent. */
  readonly texts: readonly string[];
  readonly calls: readonly TappedCall[];
  /** An agent that takes part in nothing: a stranger to every conversation. */
  readonly stranger: number;
}

/**
 * Runs a workload one event after another: the same seed leaves the same bytes, but for what PostgreSQL itself
 * numbers. Whoever calls it closes the node.
 */
export async function simulate(
  {
    server,
    variant,
    workload,
  }: { readonly server: LabServer; readonly variant: Variant; readonly workload: Workload },
  options: SimulationOptions,
): Promise<Simulation> {
  const clock = new SimulatedClock(START);
  const chance = new SeededRandom(options.seed);
  const calls: TappedCall[] = [];
  const node = await LabNode.open({
    db: await server.open({ poolSize: POOL_SIZE, isDurable: false }),
    variant,
    clock,
    random: seededBytes(options.seed),
    chance: () => chance.float(),
    callTimeoutMs: CALL_TIMEOUT_MS,
    heldSignals: new HeldSignals(),
    delays: { sleep: (ms) => clock.pass(ms) },
    listen: (inner: RemoteCalls) => new TappedRemoteCalls(inner, clock, (call) => void calls.push(call)),
  });
  try {
    await node.addAgents(workload.agents + 1);
    const course = new Course(node, clock);
    options.suffer?.(node);
    for (const [done, event] of workload.events.entries()) {
      await options.onEvent?.(done, node);
      if (clock.advanceTo(START + event.at)) await node.settle();
      await course.take(event);
    }
    await course.finish();
    return { node, sent: course.sent, texts: course.texts, calls, stranger: workload.agents };
  } catch (error) {
    await node.close();
    throw error;
  }
}

/** What happens to the messages of one simulation. */
class Course {
  readonly sent: Sent[] = [];
  readonly texts: string[] = [];

  constructor(
    private readonly node: LabNode,
    private readonly clock: SimulatedClock,
  ) {}

  /** What only looks at the run changes nothing in it. */
  async take(event: WorkloadEvent): Promise<void> {
    if (event.kind === 'send') await this.send(event);
    else if (event.kind === 'leave') await this.node.goOffline(this.node.agent(event.agent));
    else if (event.kind === 'return') await this.node.returnAll();
  }

  private async send({ from, to }: Send): Promise<void> {
    const { node } = this;
    const text = `canary ${this.sent.length} of agent ${from}`;
    this.texts.push(text);
    const draft = node.draft(from, to, text);
    const id = messageIdOf(draft);
    this.sent.push({ id, from, to, isAcknowledged: await this.save(draft) });
    if (this.sent.at(-1)?.isAcknowledged === true && node.variant.act === 'stepwise') {
      await node.attempt(draft.author, id);
    }
    await node.settle();
  }

  /** Ends all faults, brings everybody back, and works the outbox off until it asks for nothing more. */
  async finish(): Promise<void> {
    const { node, clock } = this;
    node.networkFaults.set([]);
    node.commitFaults.set([]);
    await node.returnAll();
    for (let round = 0; round < ROUNDS; round += 1) {
      await node.settle();
      clock.advanceTo(clock.now() + OUTBOX_SPAN);
      if ((await node.workOff()) === 0) break;
    }
    await node.settle();
  }

  private async save(draft: Parameters<LabNode['strategy']['save']>[0]): Promise<boolean> {
    try {
      await this.node.strategy.save(draft);
      return true;
    } catch (error) {
      if (error instanceof MessagingError || error instanceof CommitFailedError) return false;
      throw error;
    }
  }
}
