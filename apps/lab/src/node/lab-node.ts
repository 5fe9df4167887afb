import { type CommitFaultRule, FaultyCommits, Keyring, KeyStore, type NodeContext } from '@musubi/cell';
import { MINIMAL_COST, type RandomBytes, toBase64Url } from '@musubi/crypto';
import { Courier, OutboxStore } from '@musubi/delivery';
import {
  type AgentPubKey,
  type Clock,
  type MessageDraft,
  type MessageId,
  type MessagingStrategy,
  type Strategies,
  parseNonce,
  parseTimestamp,
  silentLog,
} from '@musubi/messaging';
import {
  FaultPlan,
  FaultyRemoteCalls,
  InProcessRemoteCalls,
  InProcessSignals,
  type NetworkFaultRule,
  type RemoteCalls,
  type Signals,
} from '@musubi/network';
import { type DataSource } from 'typeorm';
import { type LabStrategy, type Variant } from './variants.js';

const LEASE_US = 20_000_000;
const CLONE_LIMIT = 1_000_000;

export interface LabNodeParts {
  readonly db: DataSource;
  readonly variant: Variant;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** How long a remote call may take before its outcome is unknown. */
  readonly callTimeoutMs: number;
  /** A number in [0, 1), for faults with a probability. */
  readonly chance: () => number;
  /** How many clones an agent may have; more than a lab's agent has peers, when absent. */
  readonly cloneLimit?: number;
  /** How the delay of a remote call passes; on the clock, when absent. */
  readonly delays?: Pick<Clock, 'sleep'>;
  /** Stands between the node and its network: a wiretap, a counter. */
  readonly listen?: (calls: RemoteCalls) => RemoteCalls;
  /** Stands between the node and whoever it signals to. */
  readonly hold?: (signals: Signals) => Signals;
}

/** A node without HTTP on which one placement runs, for agents that are unattended: online unless they are put to rest. */
export class LabNode {
  readonly agents: AgentPubKey[] = [];
  readonly networkFaults: FaultPlan<NetworkFaultRule>;
  readonly commitFaults: FaultPlan<CommitFaultRule>;
  readonly keyring: Keyring;
  readonly signals = new InProcessSignals();
  readonly outbox: OutboxStore;
  readonly courier: Courier;
  private readonly placement: LabStrategy;

  private constructor(private readonly parts: LabNodeParts) {
    const { db, clock, random, variant, chance } = parts;
    const { listen = (calls: RemoteCalls) => calls, hold = (signals: Signals) => signals } = parts;
    this.networkFaults = new FaultPlan(chance);
    this.commitFaults = new FaultPlan(chance);
    this.keyring = new Keyring({ store: new KeyStore(db), nodeKey: random(32), cost: MINIMAL_COST, random });
    const { keyring, signals } = this;
    this.outbox = new OutboxStore({ db, clock, leaseUs: LEASE_US, keysOf: (agent) => keyring.keysOf(agent) });
    const network = new InProcessRemoteCalls({ presence: keyring, clock, timeoutMs: parts.callTimeoutMs });
    const node: NodeContext = {
      db,
      keyring,
      signals: hold(signals),
      clock,
      random,
      calls: listen(new FaultyRemoteCalls(network, this.networkFaults, parts.delays ?? clock)),
      log: silentLog,
      chains: { ordering: variant.ordering },
      // In a simulation, whoever waits for a process that died waits for good.
      commits: new FaultyCommits(this.commitFaults, () => new Promise<never>(() => undefined)),
      outbox: this.outbox,
    };
    this.placement = variant.open(node, { cloneLimit: parts.cloneLimit ?? CLONE_LIMIT });
    const strategies = { [variant.strategy]: this.placement.strategy } as Strategies;
    this.courier = new Courier({ node, outbox: this.outbox, strategies, jitter: chance });
  }

  static async open(parts: LabNodeParts): Promise<LabNode> {
    const node = new LabNode(parts);
    await node.strategy.init();
    return node;
  }

  get strategy(): MessagingStrategy {
    return this.placement.strategy;
  }

  get db(): DataSource {
    return this.parts.db;
  }

  get variant(): Variant {
    return this.parts.variant;
  }

  get clock(): Clock {
    return this.parts.clock;
  }

  async addAgents(count: number): Promise<void> {
    for (let made = 0; made < count; made += 1) {
      const { agent } = await this.keyring.create();
      await this.strategy.join(agent);
      await this.strategy.wake(agent);
      await this.settle();
      this.agents.push(agent);
    }
  }

  /** The agent of that number. @throws RangeError */
  agent(index: number): AgentPubKey {
    const agent = this.agents[index];
    if (agent === undefined) throw new RangeError(`there is no agent ${index}`);
    return agent;
  }

  draft(from: number, to: number, text: string): MessageDraft {
    return {
      author: this.agent(from),
      recipient: this.agent(to),
      payload: { type: 'text', text },
      replyTo: null,
      sentAt: parseTimestamp(this.clock.now()),
      nonce: parseNonce(toBase64Url(this.parts.random(16))),
    };
  }

  /** The first attempt at a saved message, by whoever saved it. @returns how it ended */
  attempt(holder: AgentPubKey, message: MessageId): ReturnType<Courier['attempt']> {
    const owed = { strategy: this.variant.strategy, message, step: 'send' } as const;
    const first = { holder, owed, lane: '', attempt: 0, dueAt: this.clock.now(), isFailed: false };
    return this.courier.attempt({ ...first, lastError: null });
  }

  /** Whether the owner of a message was told that its sending has failed. */
  async hasFailed(from: number, message: MessageId): Promise<boolean> {
    const owed = { strategy: this.variant.strategy, message, step: 'send' } as const;
    const work = await this.outbox.find(this.keyring.keysOf(this.agent(from)), owed);
    return work?.isFailed === true;
  }

  /** Makes one attempt at each step that is due. @returns how many there were */
  async workOff(): Promise<number> {
    const due = await this.outbox.claim({ holders: this.keyring.online(), busyLanes: [], limit: 1000 });
    for (const work of due) await this.courier.attempt(work);
    return due.length;
  }

  /** Waits until nothing is under way that no caller waits for. */
  settle(): Promise<void> {
    return this.placement.settle();
  }

  async goOffline(agent: AgentPubKey): Promise<void> {
    await this.strategy.rest(agent);
    this.keyring.lock(agent);
  }

  /** Brings one agent online. */
  async comeBack(agent: AgentPubKey): Promise<void> {
    await this.keyring.unlockIfUnattended(agent);
    await this.strategy.wake(agent);
  }

  /** Brings everybody online. */
  async returnAll(): Promise<void> {
    const away = this.agents.filter((agent) => !this.keyring.isOnline(agent));
    if (away.length === 0) return;
    await this.keyring.unlockUnattended();
    for (const agent of away) {
      await this.strategy.wake(agent);
      await this.settle();
    }
  }

  async close(): Promise<void> {
    await this.strategy.destroy();
    await this.db.destroy();
  }
}
