import {
  type AgentFences,
  type CommitFaultRule,
  type Keyring,
  type NodeContext,
  type OutboxKey,
} from '@musubi/cell';
import { MINIMAL_COST, randomBytes, toBase64Url } from '@musubi/crypto';
import { type TestDatabase } from '@musubi/database/testing';
import { type Attempts, type Delivery, type OutboxStore, type OutboxWorker } from '@musubi/delivery';
import {
  type AgentPubKey,
  type MessageDraft,
  type Presence,
  type StrategyName,
  parseNonce,
} from '@musubi/messaging';
import { type FaultPlan, InProcessRemoteCalls, type NetworkFaultRule } from '@musubi/network';
import {
  type MessagingNode,
  type NodeNetwork,
  type NodeStrategies,
  type Typing,
  createNode,
  makeStrategies,
} from '@musubi/node';
import { type AdvancingClock } from './advancing-clock.js';
import { RecordingLog, WatchedCommits } from './onlookers.js';
import { openDeliveryDatabase } from './delivery-database.js';
import { type DeliveryNodeParts, freshParts } from './delivery-node-parts.js';
import { JoinedCalls, type LossySignals, Roads } from './roads.js';

const MAX_LANES = 8;
const PASSPHRASE = 'correct horse battery staple';

/** A whole node without HTTP: three placements, a faulty network, an outbox and workers that drain it. */
export class DeliveryNode {
  readonly database: TestDatabase;
  readonly clock: AdvancingClock;
  readonly faults: FaultPlan<NetworkFaultRule>;
  readonly commitFaults: FaultPlan<CommitFaultRule>;
  readonly log = new RecordingLog();
  readonly roads: Roads;
  readonly signals: LossySignals;
  commits!: WatchedCommits;
  private node!: MessagingNode<NodeStrategies>;
  private readonly workers: OutboxWorker[] = [];

  private constructor(private readonly parts: DeliveryNodeParts) {
    this.database = parts.database;
    this.clock = parts.clock;
    this.faults = parts.faults;
    this.commitFaults = parts.commitFaults;
    this.roads = parts.roads ?? new Roads();
    this.signals = this.roads.signals;
  }

  private async start(): Promise<this> {
    const {
      clock,
      crash,
      db,
      instead,
      jitter = (): number => 0.5,
      makeOutbox,
      ordering,
      random,
    } = this.parts;
    const { cloneLimit = 1000, mailboxPollMs = 600_000, maxLanes = MAX_LANES, patience } = this.parts;
    const { fileQuotaBytes } = this.parts;
    this.node = await createNode({
      database: db,
      // Every agent has a passphrase, so that nothing is sealed with the node's key.
      keys: { nodeKey: randomBytes(32), cost: MINIMAL_COST },
      clock,
      random,
      log: this.log,
      ordering,
      fileQuotaBytes,
      network: (keyring) => this.network(keyring),
      strategies: (context) => ({
        ...makeStrategies(context, { cloneLimit, mailboxPollMs }),
        ...instead?.(context),
      }),
      delivery: { jitter, makeOutbox, maxLanes, patience },
      faults: { network: this.faults, commits: this.commitFaults, crash },
      wrap: { commits: (commits) => (this.commits = new WatchedCommits(commits)) },
    });
    await this.node.lifecycle.start();
    return this;
  }

  private network(keyring: Keyring): NodeNetwork {
    return this.parts.network?.(keyring) ?? this.onRoads(keyring);
  }

  private onRoads(presence: Presence): NodeNetwork {
    const { callTimeoutMs: timeoutMs = 30_000, clock } = this.parts;
    const own = new InProcessRemoteCalls({ presence, clock, timeoutMs });
    return { calls: new JoinedCalls(own, this.roads), signals: this.signals };
  }

  /** A node with a database of its own. */
  static async open(options: Partial<DeliveryNodeParts> & { poolSize?: number } = {}): Promise<DeliveryNode> {
    return DeliveryNode.start({ ...freshParts(await openDeliveryDatabase(options.poolSize)), ...options });
  }

  /** A node on whatever an earlier one has left. */
  static start(parts: DeliveryNodeParts): Promise<DeliveryNode> {
    return new DeliveryNode(parts).start();
  }

  get context(): NodeContext {
    return this.node;
  }

  get fences(): AgentFences {
    return this.node.fences;
  }

  get keyring(): Keyring {
    return this.node.keyring;
  }

  get outbox(): OutboxStore {
    return this.node.outbox;
  }

  get strategies(): NodeStrategies {
    return this.node.strategies;
  }

  get delivery(): Delivery {
    return this.node.delivery;
  }

  get typing(): Typing {
    return this.node.typing;
  }

  get attempts(): Attempts {
    return this.node.delivery.attempts;
  }

  /** Stops the workers and the strategies, and leaves the database as it is. */
  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    // An attempt of a node that crashed never ends.
    await this.node.lifecycle.stopStrategies();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.database.close();
  }

  /** One more worker on the one outbox, which looks at it so often, in milliseconds. */
  startWorker(pollMs = 10): OutboxWorker {
    const worker = this.delivery.makeWorker(pollMs);
    this.workers.push(worker);
    worker.start();
    return worker;
  }

  async newAgent(): Promise<AgentPubKey> {
    const { agent } = await this.keyring.create(PASSPHRASE);
    await this.node.lifecycle.join(agent);
    await this.delivery.hasten(agent);
    return agent;
  }

  goOffline(agent: AgentPubKey): Promise<void> {
    return this.node.lifecycle.deactivate(agent);
  }

  /** Holds the agent's key here, and reads nothing for it. */
  async signIn(agent: AgentPubKey): Promise<void> {
    const keys = this.parts.keys?.get(agent);
    if (keys === undefined) await this.keyring.unlock(agent, PASSPHRASE);
    else this.keyring.admit(keys);
  }

  async goOnline(agent: AgentPubKey): Promise<void> {
    await this.signIn(agent);
    await this.node.lifecycle.activate(agent);
    await this.delivery.hasten(agent);
  }

  /** Resolves when the agents that are online have read everything that was published to them, and its receipts. */
  async whenIdle(): Promise<void> {
    // A letter, the receipt it gives rise to, and one more for what a push has just begun.
    for (let round = 0; round < 4; round += 1) await this.strategies['global-dht'].whenIdle();
  }

  draft(author: AgentPubKey, recipient: AgentPubKey): MessageDraft {
    const nonce = parseNonce(toBase64Url(this.parts.random(16)));
    const payload = { type: 'text', text: 'hello' } as const;
    return { author, recipient, payload, replyTo: null, sentAt: this.clock.now(), nonce };
  }

  /** Saves a message: from here on its sending is pending. */
  async save(strategy: StrategyName, [from, to]: readonly [AgentPubKey, AgentPubKey]): Promise<OutboxKey> {
    const { message } = await this.strategies[strategy].save(this.draft(from, to));
    return { strategy, message, step: 'send' };
  }

  /** All rows of the outbox. */
  async owedCount(): Promise<number> {
    const [row] = await this.parts.db.query<{ rows: number }[]>(
      'select count(*)::int as rows from outbox where not is_failed',
    );
    return row?.rows ?? 0;
  }
}
