import { type OutboxStep } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type TestDatabase } from '@musubi/database/testing';
import { type AttemptOutcome, type OutboxEntry } from '@musubi/delivery';
import {
  type AgentPubKey,
  type HeldMessage,
  type MessageDraft,
  type MessageId,
  type MessagingStrategy,
  type StrategyName,
} from '@musubi/messaging';
import { freshParts, DeliveryNode, type DeliveryNodeParts } from '@musubi/testing';
import { until, untilEqual } from '../support/until.js';
import { PhantomWatch } from './phantom-watch.js';
import { type Sent, sentOf } from './sent.js';

/** How far the clocks are put forward while something is waited for, at each look. */
const TICK_SECONDS = 5;
/** So long that no call times out while the clocks are put forward. */
export const CALL_TIMEOUT_MS = 86_400_000;

export type NodeOptions = Partial<
  Pick<DeliveryNodeParts, 'clock' | 'ordering' | 'cloneLimit' | 'patience' | 'roads'>
>;

function startNode(database: TestDatabase, options: NodeOptions = {}): Promise<DeliveryNode> {
  return DeliveryNode.start({ ...freshParts(database), callTimeoutMs: CALL_TIMEOUT_MS, ...options });
}

/** Where the processes of a testbed run, and how they start. */
export interface Ground {
  /** Each has a node of its own. */
  readonly databases: readonly [TestDatabase, ...TestDatabase[]];
  /** A new process on each of them. @param options of the last one */
  start(options?: NodeOptions): Promise<readonly DeliveryNode[]>;
  /** Lets the agents of other nodes reach a new agent, and it them. */
  introduce(agent: AgentPubKey, home: DeliveryNode): Promise<void>;
  /** All processes end. */
  stop(): Promise<void>;
}

/** Everybody on one node. */
export function oneNode(database: TestDatabase): Ground {
  return {
    databases: [database],
    start: async (options) => [await startNode(database, options)],
    introduce: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
}

/** One strategy under one fault: nodes on one database, their agents, and all that these have sent. */
export class Testbed {
  readonly sent: Sent[] = [];
  /** Those whose saving was answered. */
  readonly saved = new Set<MessageId>();
  readonly phantoms = new PhantomWatch(this);
  private readonly homes = new Map<AgentPubKey, DeliveryNode>();
  private readonly keys = new Map<AgentPubKey, AgentKeys>();
  nodes: readonly DeliveryNode[];
  private isDraining = false;

  private constructor(
    readonly strategy: StrategyName,
    readonly ground: Ground,
    nodes: readonly DeliveryNode[],
  ) {
    this.nodes = nodes;
  }

  static async open(strategy: StrategyName, ground: Ground): Promise<Testbed> {
    return new Testbed(strategy, ground, await ground.start());
  }

  /** That of the first node. */
  get database(): TestDatabase {
    return this.ground.databases[0];
  }

  /** The first of them. */
  get node(): DeliveryNode {
    const [first] = this.nodes;
    if (first === undefined) throw new Error('the testbed has no node');
    return first;
  }

  get agents(): readonly AgentPubKey[] {
    return [...this.homes.keys()];
  }

  async close(): Promise<void> {
    await this.phantoms.found();
    await this.stopNodes();
  }

  private async stopNodes(): Promise<void> {
    for (const node of this.nodes) await node.stop();
    await this.ground.stop();
  }

  /** Another process on the database and the roads of one. It has no links to other nodes. */
  async openBeside(options: NodeOptions = {}, beside: DeliveryNode = this.node): Promise<DeliveryNode> {
    const node = await startNode(beside.database, { ...options, roads: beside.roads });
    this.nodes = [...this.nodes, node];
    return node;
  }

  /** Before there are agents: a process beside the first one, on the other database where there are two. */
  async another(options: NodeOptions): Promise<DeliveryNode> {
    const { databases } = this.ground;
    if (databases.length === 1) return this.openBeside(options);
    await this.stopNodes();
    this.nodes = await this.ground.start(options);
    return this.nodes[databases.length - 1] ?? this.node;
  }

  /** Every process ends; a new one opens each database, and the agents sign in there. */
  async restart(): Promise<void> {
    const before = this.nodes;
    await this.stopNodes();
    this.nodes = await this.ground.start();
    this.isDraining = false;
    for (const [agent, old] of [...this.homes]) {
      const home = this.nodes[before.indexOf(old)] ?? this.node;
      this.homes.set(agent, home);
      await home.goOnline(agent);
      this.phantoms.watch(agent, home.signals);
    }
  }

  async newAgent(home: DeliveryNode = this.node): Promise<AgentPubKey> {
    const agent = await home.newAgent();
    this.homes.set(agent, home);
    this.keys.set(agent, home.keyring.keysOf(agent));
    this.phantoms.watch(agent, home.signals);
    await this.ground.introduce(agent, home);
    return agent;
  }

  /** On the first node and on the last, which may be the same. */
  async pair(): Promise<readonly [AgentPubKey, AgentPubKey]> {
    const last = this.ground.databases.length - 1;
    return [await this.newAgent(), await this.newAgent(this.nodes[last])];
  }

  home(agent: AgentPubKey): DeliveryNode {
    const home = this.homes.get(agent);
    if (home === undefined) throw new Error('no such agent');
    return home;
  }

  databaseOf(agent: AgentPubKey): TestDatabase {
    return this.home(agent).database;
  }

  /** The strategy as this agent's node has it. */
  at(agent: AgentPubKey): MessagingStrategy {
    return this.home(agent).strategies[this.strategy];
  }

  keysOf(agent: AgentPubKey): AgentKeys {
    const keys = this.keys.get(agent);
    if (keys === undefined) throw new Error('no such agent');
    return keys;
  }

  goOffline(agent: AgentPubKey): Promise<void> {
    return this.home(agent).goOffline(agent);
  }

  goOnline(agent: AgentPubKey): Promise<void> {
    return this.home(agent).goOnline(agent);
  }

  /** A draft whose fate the closing check will look at, saved or not. */
  draft(author: AgentPubKey, recipient: AgentPubKey, by: DeliveryNode = this.home(author)): MessageDraft {
    const draft = by.draft(author, recipient);
    this.sent.push(sentOf(draft));
    return draft;
  }

  /** Saves by that process, if not by the one where the author lives. */
  async save(
    author: AgentPubKey,
    recipient: AgentPubKey,
    by: DeliveryNode = this.home(author),
  ): Promise<Sent> {
    return this.saveDraft(this.draft(author, recipient, by), by);
  }

  async saveDraft(draft: MessageDraft, by: DeliveryNode = this.home(draft.author)): Promise<Sent> {
    const { message } = await by.strategies[this.strategy].save(draft);
    this.saved.add(message);
    return sentOf(draft);
  }

  /** One attempt at a pending step, as the worker makes it. */
  async attempt(sent: Sent, step: OutboxStep = 'send'): Promise<AttemptOutcome> {
    const work = await this.outboxKey(sent, step);
    if (work === null) throw new Error(`no ${step} is pending`);
    return this.home(work.holder).attempts.make(work);
  }

  /** The whole act, until the author sees it delivered. */
  async deliver(author: AgentPubKey, recipient: AgentPubKey): Promise<Sent> {
    const sent = await this.save(author, recipient);
    await this.attempt(sent);
    await this.untilStatus(sent, 'delivered');
    return sent;
  }

  outboxKey({ message, author, recipient }: Sent, step: OutboxStep = 'send'): Promise<OutboxEntry | null> {
    const holder = step === 'send' ? author : recipient;
    return this.home(holder).outbox.find(this.keysOf(holder), { strategy: this.strategy, message, step });
  }

  find({ message, author }: Sent, holder: AgentPubKey = author): Promise<HeldMessage> {
    return this.at(holder).messages.find({ holder, message });
  }

  async status(sent: Sent, holder: AgentPubKey = sent.author): Promise<string> {
    return (await this.find(sent, holder)).status;
  }

  /** Waits while no time passes but the machine's. */
  untilStatus(sent: Sent, status: string, holder: AgentPubKey = sent.author): Promise<string> {
    return untilEqual(status, () => this.status(sent, holder));
  }

  /** Waits while the workers work and the clocks are put forward. */
  async passTime<Value>(condition: () => Promise<Value>): Promise<Value> {
    this.drain();
    return until(async () => {
      for (const { clock } of this.nodes) clock.advance(TICK_SECONDS);
      return condition();
    });
  }

  async untilDelivered(...all: readonly Sent[]): Promise<void> {
    await this.passTime(async () => {
      for (const sent of all) if ((await this.status(sent)) === 'saved') throw new Error('still saved');
    });
  }

  /** One worker for each node; none where a process without links would try in vain what its neighbour can send. */
  drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    const { length } = this.ground.databases;
    for (const node of length === 1 ? this.nodes : this.nodes.slice(0, length)) node.startWorker();
  }
}
