import {
  type CommitFaultRule,
  FaultyCommits,
  Keyring,
  KeyStore,
  type Owed,
  cellDatabase,
} from '@musubi/cell';
import { MINIMAL_COST, randomBytes, toBase64Url } from '@musubi/crypto';
import { combineParts } from '@musubi/database';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { Courier, OutboxStore, OutboxWorker, deliveryDatabase } from '@musubi/delivery';
import { GlobalDhtStrategy, globalDhtDatabase } from '@musubi/global-dht';
import { historyDatabase } from '@musubi/history';
import {
  type AgentPubKey,
  type MessageDraft,
  type Strategies,
  type StrategyName,
  SystemClock,
  type Timestamp,
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
} from '@musubi/network';
import { PairwiseDhtStrategy, pairwiseDhtDatabase } from '@musubi/pairwise-dht';
import { receiptsDatabase } from '@musubi/receipts';
import { SourceChainStrategy } from '@musubi/source-chain';

const LEASE_US = 20_000_000;
const PASSPHRASE = 'correct horse battery staple';

/** The machine's clock, which a test can put forward. */
export class AdvancingClock extends SystemClock {
  private ahead = 0;

  override now(): Timestamp {
    return parseTimestamp(super.now() + this.ahead);
  }

  advance(seconds: number): void {
    this.ahead += seconds * 1_000_000;
  }
}

/** A whole node without HTTP: three placements, a faulty network, an outbox and workers that drain it. */
export class PostalNode {
  readonly clock = new AdvancingClock(() => performance.timeOrigin + performance.now());
  readonly signals = new InProcessSignals();
  readonly faults = new FaultPlan<NetworkFaultRule>(() => 0);
  readonly commitFaults = new FaultPlan<CommitFaultRule>(() => 0);
  readonly keyring: Keyring;
  readonly outbox: OutboxStore;
  readonly strategies: Strategies;
  readonly courier: Courier;
  private readonly workers: OutboxWorker[] = [];

  private constructor(readonly database: TestDatabase) {
    const { clock, signals } = this;
    const db = database.dataSource;
    this.keyring = new Keyring({
      store: new KeyStore(db),
      nodeKey: randomBytes(32),
      cost: MINIMAL_COST,
      random: randomBytes,
    });
    const { keyring } = this;
    this.outbox = new OutboxStore({ db, clock, leaseUs: LEASE_US, keysOf: (agent) => keyring.keysOf(agent) });
    const network = new InProcessRemoteCalls({ presence: keyring, clock, timeoutMs: 30_000 });
    const node = {
      db,
      keyring,
      signals,
      clock,
      calls: new FaultyRemoteCalls(network, this.faults, clock),
      random: randomBytes,
      log: silentLog,
      chains: { ordering: 'relaxed' as const },
      // Whoever waits for a process that died waits for good.
      commits: new FaultyCommits(this.commitFaults, () => new Promise<never>(() => undefined)),
      outbox: this.outbox,
    };
    this.strategies = {
      'source-chain': new SourceChainStrategy(node),
      'pairwise-dht': new PairwiseDhtStrategy(node, { cloneLimit: 1000 }),
      'global-dht': new GlobalDhtStrategy(node, { links: 'derived', pollMs: 600_000 }),
    };
    this.courier = new Courier({ node, outbox: this.outbox, strategies: this.strategies, jitter: () => 0.5 });
  }

  static async open(): Promise<PostalNode> {
    const parts = combineParts(
      cellDatabase,
      receiptsDatabase,
      historyDatabase,
      deliveryDatabase,
      pairwiseDhtDatabase,
      globalDhtDatabase,
    );
    const node = new PostalNode(await openTestDatabase(parts, { poolSize: 8 }));
    for (const strategy of Object.values(node.strategies)) await strategy.init();
    return node;
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    for (const strategy of Object.values(this.strategies)) await strategy.destroy();
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

  draft(author: AgentPubKey, recipient: AgentPubKey): MessageDraft {
    const nonce = parseNonce(toBase64Url(randomBytes(16)));
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
    const [row] = await this.database.dataSource.query<{ rows: number }[]>(
      'select count(*)::int as rows from outbox where not is_failed',
    );
    return row?.rows ?? 0;
  }
}
