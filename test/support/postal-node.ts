import {
  type CommitFaultRule,
  FaultyCommits,
  Keyring,
  KeyStore,
  type NodeContext,
  type Owed,
} from '@musubi/cell';
import { type AgentKeys, MINIMAL_COST, randomBytes, toBase64Url } from '@musubi/crypto';
import { type TestDatabase } from '@musubi/database/testing';
import { Courier, OutboxStore, OutboxWorker } from '@musubi/delivery';
import { GlobalDhtStrategy } from '@musubi/global-dht';
import {
  type AgentPubKey,
  type MessageDraft,
  type Strategies,
  type StrategyName,
  parseNonce,
} from '@musubi/messaging';
import {
  type FaultPlan,
  FaultyRemoteCalls,
  InProcessRemoteCalls,
  type NetworkFaultRule,
} from '@musubi/network';
import { type Clones, PairwiseDhtStrategy } from '@musubi/pairwise-dht';
import { SourceChainStrategy } from '@musubi/source-chain';
import { type AdvancingClock } from './advancing-clock.js';
import { RecordingLog, WatchedCommits } from './onlookers.js';
import { openPostalDatabase } from './postal-database.js';
import { type PostalNodeParts, freshParts } from './postal-node-parts.js';
import { JoinedCalls, type LossySignals, Roads } from './roads.js';

const LEASE_US = 20_000_000;
const MAX_LANES = 8;
const PASSPHRASE = 'correct horse battery staple';

/** A whole node without HTTP: three placements, a faulty network, an outbox and workers that drain it. */
export class PostalNode {
  readonly database: TestDatabase;
  readonly clock: AdvancingClock;
  readonly faults: FaultPlan<NetworkFaultRule>;
  readonly commitFaults: FaultPlan<CommitFaultRule>;
  readonly commits: WatchedCommits;
  readonly log = new RecordingLog();
  readonly roads: Roads;
  readonly signals: LossySignals;
  readonly keyring: Keyring;
  readonly outbox: OutboxStore;
  readonly context: NodeContext;
  readonly strategies: Strategies;
  readonly clones: Clones;
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
    this.commits = new WatchedCommits(new FaultyCommits(commitFaults, parts.crash));
    this.roads = parts.roads ?? new Roads();
    this.signals = this.roads.signals;
    const { keyring, log, commits, roads, signals } = this;
    const keysOf = (agent: AgentPubKey): AgentKeys => keyring.keysOf(agent);
    this.outbox = new OutboxStore({ db, clock, leaseUs: LEASE_US, keysOf });
    const { ordering = 'relaxed', callTimeoutMs: timeoutMs = 30_000, cloneLimit = 1000 } = parts;
    const own = new InProcessRemoteCalls({ presence: keyring, clock, timeoutMs });
    const calls = new FaultyRemoteCalls(new JoinedCalls(own, roads), faults, clock);
    const { outbox } = this;
    const node = { db, keyring, signals, clock, calls, random, log, chains: { ordering }, commits, outbox };
    this.context = node;
    const pairwiseDht = new PairwiseDhtStrategy(node, { cloneLimit });
    this.clones = pairwiseDht.clones;
    this.globalDht = new GlobalDhtStrategy(node, { links: 'derived', pollMs: 600_000 });
    this.strategies = {
      'source-chain': new SourceChainStrategy(node),
      'pairwise-dht': pairwiseDht,
      'global-dht': this.globalDht,
      ...parts.instead?.(node),
    };
    const { jitter = (): number => 0.5 } = parts;
    this.courier = new Courier({ node, outbox, strategies: this.strategies, jitter });
  }

  /** A node with a database of its own. */
  static async open(options: Partial<PostalNodeParts> & { poolSize?: number } = {}): Promise<PostalNode> {
    return PostalNode.start({ ...freshParts(await openPostalDatabase(options.poolSize)), ...options });
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

  /** One more worker on the one outbox, which looks at it so often, in milliseconds. */
  startWorker(pollMs = 10): OutboxWorker {
    const worker = new OutboxWorker({
      outbox: this.outbox,
      courier: this.courier,
      clock: this.clock,
      log: this.log,
      online: () => this.keyring.online(),
      maxLanes: this.parts.maxLanes ?? MAX_LANES,
      pollMs,
    });
    this.workers.push(worker);
    worker.start();
    return worker;
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

  /** Holds the agent's key here, and reads nothing for it. */
  async signIn(agent: AgentPubKey): Promise<void> {
    await this.keyring.unlock(agent, PASSPHRASE);
  }

  async goOnline(agent: AgentPubKey): Promise<void> {
    await this.signIn(agent);
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
