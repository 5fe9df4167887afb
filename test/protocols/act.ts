import { performance } from 'node:perf_hooks';
import { type AgentKeys } from '@musubi/crypto';
import { type Protocol, type SourceChainExperiment, sourceChainExperiment } from '@musubi/experiments';
import { History } from '@musubi/history';
import { type AgentPubKey, type MessageId, MessagingError } from '@musubi/messaging';
import { type RemoteCalls } from '@musubi/network';
import { messageIdOf } from '@musubi/receipts';
import { type DeliveryNode } from '@musubi/testing';
import { type Planted, LoneNode } from '../model/lone-node.js';
import { NodeDiedError } from '../model/node-died.js';
import { type Premises } from '../model/premises.js';
import { type ProtocolFault, sufferingOf } from './faults.js';

/** What one side has of the message. */
type SideState = 'nothing' | 'saved' | 'delivered';

export interface Sides {
  readonly sender: SideState;
  readonly recipient: SideState;
}

/** One act of sending under one fault: what it left, and what it cost. */
export interface ActReport {
  readonly protocol: Protocol;
  readonly fault: ProtocolFault;
  readonly after: Sides;
  /** What the sender's caller was told. */
  readonly told: string;
  readonly calls: number;
  readonly ms: number;
  /** When the faults are over and everything that is pending was tried again. */
  readonly later: Sides;
}

/** Longer than a lease, a session and the backoff of two attempts. */
const A_WHILE_S = 60;
const ROUNDS = 3;

class Counted {
  calls = 0;
  /** What leaves after the commit leaves once the caller was told: how fast a hook is must not be in the table. */
  private told: Promise<void> = Promise.resolve();
  /** The placement of the node that lives now. */
  placement: SourceChainExperiment | undefined;

  constructor(private readonly protocol: Protocol) {}

  readonly plant: Planted = {
    instead: (node) => {
      const { protocol } = this;
      this.placement = sourceChainExperiment({ ...node, calls: this.counting(node.calls) }, { protocol });
      return { 'source-chain': this.placement.strategy };
    },
  };

  private counting(inner: RemoteCalls): RemoteCalls {
    return {
      serve: (fn, answer) => inner.serve(fn, answer),
      call: async (call) => {
        this.calls += 1;
        await this.told;
        return inner.call(call);
      },
    };
  }

  /** The other protocols call before the caller is told. @returns to be called when the caller was told */
  holdHooks(): () => void {
    if (this.protocol !== 'post-commit') return () => undefined;
    let release = (): void => undefined;
    this.told = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }
}

/** Alice sends Bob one message. */
export async function actUnder(
  premises: Premises,
  protocol: Protocol,
  fault: ProtocolFault,
): Promise<ActReport> {
  const counted = new Counted(protocol);
  const system = await LoneNode.open(premises, { agents: 2, seed: 1, planted: counted.plant });
  const [alice, bob] = [...system.keys.keys()];
  if (alice === undefined || bob === undefined) throw new Error('there are two agents');
  try {
    await warmUp(system, counted, [alice, bob]);
    const suffering = sufferingOf(protocol, fault);
    system.faults.set(suffering.network);
    system.commitFaults.set(suffering.commits);
    if (suffering.isRecipientOffline) await system.node.goOffline(bob);
    const { message, ...told } = await send(system, counted, [alice, bob]);
    await system.recover();
    const after = await sidesOf(system, message, [alice, bob]);
    await passTime(system, counted, [alice, bob]);
    return { protocol, fault, after, ...told, later: await sidesOf(system, message, [alice, bob]) };
  } finally {
    await system.close();
  }
}

/** What a first message costs once, and no other: statements to plan, chains to begin. */
async function warmUp(system: LoneNode, counted: Counted, pair: Pair): Promise<void> {
  await send(system, counted, pair);
  await send(system, counted, [pair[1], pair[0]]);
}

type Pair = readonly [AgentPubKey, AgentPubKey];

interface Told {
  readonly message: MessageId;
  readonly told: string;
  readonly calls: number;
  readonly ms: number;
}

/** Saves, makes the first attempt at what is pending then, and waits for the hooks. */
async function send(system: LoneNode, counted: Counted, [from, to]: Pair): Promise<Told> {
  const { node } = system;
  const draft = node.draft(from, to);
  const message = messageIdOf(draft);
  const before = counted.calls;
  const begun = performance.now();
  const releaseHooks = counted.holdHooks();
  const told = await system
    .within(from, async () => {
      const saved = await node.strategies['source-chain'].save(draft);
      const outboxKey = { strategy: 'source-chain', message: saved.message, step: 'send' } as const;
      const work = await node.outbox.find(node.keyring.keysOf(from), outboxKey);
      if (work !== null) await node.attempts.first(from, outboxKey);
      const found = await node.strategies['source-chain'].messages.find({
        holder: from,
        message: saved.message,
      });
      const left = await node.outbox.find(node.keyring.keysOf(from), outboxKey);
      return left === null ? found.status : `${found.status}, ${left.lastError ?? 'pending'}`;
    })
    .catch(toldOf);
  const ms = performance.now() - begun;
  releaseHooks();
  await system.within(from, async () => counted.placement?.whenIdle()).catch(toldOf);
  return { message, told, calls: counted.calls - before, ms };
}

const GONE = 'nothing (cut off)';

function toldOf(error: unknown): string {
  if (error instanceof NodeDiedError) return GONE;
  if (error instanceof MessagingError) return `error: ${error.code}`;
  throw error;
}

async function comeBack(node: DeliveryNode, agents: readonly AgentPubKey[]): Promise<void> {
  for (const agent of agents) if (!node.keyring.isOnline(agent)) await node.goOnline(agent);
}

/** No faults any more, everybody online, and the outbox worked off as often as it asks for it. */
async function passTime(system: LoneNode, counted: Counted, agents: readonly AgentPubKey[]): Promise<void> {
  system.faults.set([]);
  system.commitFaults.set([]);
  for (let round = 0; round < ROUNDS; round += 1) {
    await comeBack(system.node, agents);
    system.clock.advance(A_WHILE_S);
    const { attempts, outbox } = system.node;
    const due = await outbox.claim({ holders: agents, busyLanes: [], limit: 10 });
    for (const work of due) await attempts.make(work);
    // An agent that has promised something asks what became of it when it comes back.
    for (const agent of agents) await counted.placement?.strategy.activate(agent);
    await counted.placement?.whenIdle();
  }
}

/** What the two have in their stores, whether they are online or not. */
async function sidesOf(system: LoneNode, message: MessageId, [from, to]: Pair): Promise<Sides> {
  const keysOf = (agent: AgentPubKey): AgentKeys => {
    const keys = system.keys.get(agent);
    if (keys === undefined) throw new Error('no such agent');
    return keys;
  };
  const history = new History(system.premises.db, { keysOf }, 'source-chain');
  const stateOf = async (holder: AgentPubKey): Promise<SideState> => {
    if (!(await history.has({ holder, message }))) return 'nothing';
    return (await history.find({ holder, message })).status === 'saved' ? 'saved' : 'delivered';
  };
  return { sender: await stateOf(from), recipient: await stateOf(to) };
}
