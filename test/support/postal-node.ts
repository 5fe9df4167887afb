import {
  type CommitFaultRule,
  FaultyCommits,
  Keyring,
  KeyStore,
  type NodeContext,
  type Owed,
} from '@musubi/cell';
import { MINIMAL_COST, type RandomBytes, randomBytes, toBase64Url } from '@musubi/crypto';
import { type TestDatabase } from '@musubi/database/testing';
import { Courier, OutboxStore, OutboxWorker } from '@musubi/delivery';
import { GlobalDhtStrategy } from '@musubi/global-dht';
import {
  type AgentPubKey,
  type MessageDraft,
  type Strategies,
  type StrategyName,
  parseNonce,
  silentLog,
} from '@musubi/messaging';
import {
  FaultPlan,
  FaultyRemoteCalls,
  InProcessRemoteCalls,
  InProcessSignals,
  type NetworkFaultRule,
} from '@musubi/network';
import { PairwiseDhtStrategy } from '@musubi/pairwise-dht';
import { SourceChainStrategy } from '@musubi/source-chain';
import { type DataSource } from 'typeorm';
import { AdvancingClock } from './advancing-clock.js';
import { openPostalDatabase } from './postal-database.js';

const LEASE_US = 20_000_000;
const PASSPHRASE = 'correct horse battery staple';

/** What a node is made of; all of it but `db` and `crash` may outlive its process. */
export interface PostalNodeParts {
  readonly database: TestDatabase;
  /** The node's own connections. */
  readonly db: DataSource;
  readonly clock: AdvancingClock;
  readonly faults: FaultPlan<NetworkFaultRule>;
  readonly commitFaults: FaultPlan<CommitFaultRule>;
  readonly random: RandomBytes;
  /** What happens when a commit fault ends the process. */
  readonly crash: () => Promise<never>;
  /** Placements that take the place of the real ones. */
  readonly instead?: ((node: NodeContext) => Partial<Strategies>) | undefined;
}

/** A whole node without HTTP: three placements, a faulty network, an outbox and workers that drain it. */
export class PostalNode {
  readonly database: TestDatabase;
  readonly clock: AdvancingClock;
  readonly faults: FaultPlan<NetworkFaultRule>;
  readonly commitFaults: FaultPlan<CommitFaultRule>;
  readonly signals = new InProcessSignals();
  readonly keyring: Keyring;
  readonly outbox: OutboxStore;
  readonly strategies: Strategies;
  readonly courier: Courier;
  private readonly globalDht: GlobalDhtStrategy;
  private readonly workers: OutboxWorker[] = [];

  private constructor(private readonly parts: PostalNodeParts) {
    const { clock, commitFaults, db, faults, random } = parts;
    [this.database, this.clock, this.faults, this.commitFaults] = [
      parts.database,
      clock,
      faults,
      commitFaults,
    ];
    const store = new KeyStore(db);
    // Every agent has a passphrase, so that nothing is sealed with the node's key.
    this.keyring = new Keyring({ store, nodeKey: randomBytes(32), cost: MINIMAL_COST, random });
    const { keyring, signals } = this;
    this.outbox = new OutboxStore({ db, clock, leaseUs: LEASE_US, keysOf: (agent) => keyring.keysOf(agent) });
    const network = new InProcessRemoteCalls({ presence: keyring, clock, timeoutMs: 30_000 });
    const node = {
      db,
      keyring,
      signals,
      clock,
      calls: new FaultyRemoteCalls(network, faults, clock),
      random,
      log: silentLog,
      chains: { ordering: 'relaxed' as const },
      commits: new FaultyCommits(commitFaults, parts.crash),
      outbox: this.outbox,
    };
    this.globalDht = new GlobalDhtStrategy(node, { links: 'derived', pollMs: 600_000 });
    this.strategies = {
      'source-chain': new SourceChainStrategy(node),
      'pairwise-dht': new PairwiseDhtStrategy(node, { cloneLimit: 1000 }),
      'global-dht': this.globalDht,
      ...parts.instead?.(node),
    };
    this.courier = new Courier({ node, outbox: this.outbox, strategies: this.strategies, jitter: () => 0.5 });
  }

  /** A node with a database of its own. */
  static async open(): Promise<PostalNode> {
    const database = await openPostalDatabase();
    return PostalNode.start({
      database,
      db: database.dataSource,
      clock: new AdvancingClock(),
      faults: new FaultPlan(() => 0),
      commitFaults: new FaultPlan(() => 0),
      random: randomBytes,
      // Whoever waits for a process that died waits for good.
      crash: () => new Promise<never>(() => undefined),
    });
  }

  /** A node on whatever an earlier one has left. */
  static async start(parts: PostalNodeParts): Promise<PostalNode> {
    const node = new PostalNode(parts);
    for (const strategy of Object.values(node.strategies)) await strategy.init();
    return node;
  }

  /** Stops all work, and leaves the database as it is. */
  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    for (const strategy of Object.values(this.strategies)) await strategy.destroy();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.database.close();
  }

  /** One more worker on the one outbox. */
  startWorker(): void {
    const worker = new OutboxWorker({
      outbox: this.outbox,
      courier: this.courier,
      clock: this.clock,
      log: silentLog,
      online: () => this.keyring.online(),
      maxLanes: 8,
      pollMs: 10,
    });
    this.workers.push(worker);
    worker.start();
  }

  async newAgent(): Promise<AgentPubKey> {
    const { agent } = await this.keyring.create(PASSPHRASE);
    for (const strategy of Object.values(this.strategies)) await strategy.join(agent);
    for (const strategy of Object.values(this.strategies)) await strategy.wake(agent);
    return agent;
  }

  async goOffline(agent: AgentPubKey): Promise<void> {
    for (const strategy of Object.values(this.strategies)) await strategy.rest(agent);
    this.keyring.lock(agent);
  }

  async goOnline(agent: AgentPubKey): Promise<void> {
    await this.keyring.unlock(agent, PASSPHRASE);
    for (const strategy of Object.values(this.strategies)) await strategy.wake(agent);
  }

  /** Resolves when the agents that are online have read everything that was published to them, and its receipts. */
  async settle(): Promise<void> {
    // A letter, the receipt it gives rise to, and one more for what a push has just begun.
    for (let round = 0; round < 4; round += 1) await this.globalDht.settle();
  }

  draft(author: AgentPubKey, recipient: AgentPubKey): MessageDraft {
    const nonce = parseNonce(toBase64Url(this.parts.random(16)));
    const payload = { type: 'text', text: 'hello' } as const;
    return { author, recipient, payload, replyTo: null, sentAt: this.clock.now(), nonce };
  }

  /** Saves a message: from here on its sending is owed. */
  async save(strategy: StrategyName, [from, to]: readonly [AgentPubKey, AgentPubKey]): Promise<Owed> {
    const { message } = await this.strategies[strategy].save(this.draft(from, to));
    return { strategy, message, step: 'send' };
  }

  /** The rows of the outbox, whoever owes them. */
  async owedCount(): Promise<number> {
    const [row] = await this.parts.db.query<{ rows: number }[]>(
      'select count(*)::int as rows from outbox where not is_failed',
    );
    return row?.rows ?? 0;
  }
}
