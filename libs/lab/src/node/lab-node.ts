import { createHash } from 'node:crypto';
import { type CommitFaultRule, type Keyring, type NodeContext, type OutboxKey } from '@musubi/cell';
import { MINIMAL_COST, toBase64Url } from '@musubi/crypto';
import { type AttemptOutcome, FIVE_ATTEMPTS } from '@musubi/delivery';
import {
  type AgentPubKey,
  type Clock,
  FileNotFoundError,
  type MessageDraft,
  type MessageFile,
  type MessageId,
  type MessagingStrategy,
  type Presence,
  type Strategies,
  parseNonce,
  parseTimestamp,
  silentLog,
} from '@musubi/messaging';
import { FaultPlan, InProcessRemoteCalls, InProcessSignals, type NetworkFaultRule } from '@musubi/network';
import { type MessagingNode, type NodeNetwork, createNode } from '@musubi/node';
import { type DataSource } from 'typeorm';
import { type LabNodeParts } from './lab-node-parts.js';
import { type LabPoller, type LabStrategy, type Variant } from './variants.js';

const CLONE_LIMIT = 1_000_000;

interface LabFile {
  readonly name: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/** A node without HTTP on which one placement runs, for agents that are unattended: online unless they are put to rest. */
export class LabNode {
  readonly agents: AgentPubKey[] = [];
  readonly networkFaults: FaultPlan<NetworkFaultRule>;
  readonly commitFaults: FaultPlan<CommitFaultRule>;
  /** What the agents are told, whatever `hold` holds back. */
  readonly signals = new InProcessSignals();
  private placement!: LabStrategy;
  private node!: MessagingNode<Partial<Strategies>>;

  private constructor(private readonly parts: LabNodeParts) {
    this.networkFaults = new FaultPlan(parts.chance);
    this.commitFaults = new FaultPlan(parts.chance);
  }

  static open(parts: LabNodeParts): Promise<LabNode> {
    return new LabNode(parts).start();
  }

  private async start(): Promise<this> {
    const { chance, clock, db, delays, random, variant, listen } = this.parts;
    this.node = await createNode({
      database: db,
      keys: { nodeKey: random(32), cost: MINIMAL_COST },
      clock,
      random,
      log: silentLog,
      ordering: variant.ordering,
      network: (presence) => this.network(presence),
      strategies: (context) => this.offer(context),
      // The lab measures the five-attempts rule.
      delivery: { jitter: chance, patience: FIVE_ATTEMPTS },
      // In a simulation, a call to a process that died never ends.
      faults: { network: this.networkFaults, commits: this.commitFaults, crash: never, delays },
      wrap: { calls: listen },
    });
    await this.node.lifecycle.start();
    return this;
  }

  private network(presence: Presence): NodeNetwork {
    const { callTimeoutMs: timeoutMs, clock, hold } = this.parts;
    const calls = new InProcessRemoteCalls({ presence, clock, timeoutMs });
    return { calls, signals: hold?.(this.signals) ?? this.signals };
  }

  private offer(context: NodeContext): Partial<Strategies> {
    const { cloneLimit = CLONE_LIMIT, variant } = this.parts;
    this.placement = variant.open(context, { cloneLimit });
    return { [variant.strategy]: this.placement.strategy };
  }

  get keyring(): Keyring {
    return this.node.keyring;
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
      await this.node.lifecycle.join(agent);
      await this.whenIdle();
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

  /** Keeps a file, as an agent's client does. */
  upload(from: number, { content, ...file }: LabFile): Promise<MessageFile> {
    async function* stream(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(content);
    }
    const upload = { ...file, size: content.length, content: stream(), check: () => undefined };
    return this.node.files.upload(this.keyring.keysOf(this.agent(from)), upload);
  }

  /** Whether the agent holds every byte of a file, opened and held against what its message says. */
  async hasFile(agent: AgentPubKey, file: MessageFile): Promise<boolean> {
    const { files } = this.node;
    const keys = this.keyring.keysOf(agent);
    try {
      const held = await files.find(keys, file.id);
      const digesting = createHash('sha256');
      for await (const bytes of files.bytes(keys, held, { first: 0, last: file.size - 1 }))
        digesting.update(bytes);
      return digesting.digest('base64url') === file.digest;
    } catch (error) {
      if (error instanceof FileNotFoundError) return false;
      throw error;
    }
  }

  /** Whether some of a file has come to the agent, and more is to come. */
  async isExpecting(agent: AgentPubKey, file: MessageFile): Promise<boolean> {
    const held = await this.node.files.store.find(this.keyring.keysOf(agent), file.id);
    return held?.isWhole === false;
  }

  /** The first attempt at a saved message, made by the process that saved it. @returns how it ended */
  attempt(holder: AgentPubKey, message: MessageId): Promise<AttemptOutcome> {
    return this.node.delivery.attempts.first(holder, this.sendOf(message));
  }

  /** Whether the owner of a message was told that its sending has failed. */
  async hasFailed(from: number, message: MessageId): Promise<boolean> {
    const work = await this.node.outbox.find(this.keyring.keysOf(this.agent(from)), this.sendOf(message));
    return work?.isFailed === true;
  }

  /** Makes one attempt at each step that is due. @returns how many there were */
  async workOff(): Promise<number> {
    const { delivery, outbox } = this.node;
    const due = await outbox.claim({ holders: this.keyring.online(), busyLanes: [], limit: 1000 });
    for (const work of due) await delivery.attempts.make(work);
    return due.length;
  }

  /** Waits until nothing is under way that no caller waits for. */
  whenIdle(): Promise<void> {
    return this.placement.whenIdle();
  }

  /** What a service does every few seconds, if the placement has anything. */
  get poller(): LabPoller | undefined {
    return this.placement.poller;
  }

  goOffline(agent: AgentPubKey): Promise<void> {
    return this.node.lifecycle.deactivate(agent);
  }

  /** Brings one agent online. */
  async comeBack(agent: AgentPubKey): Promise<void> {
    await this.keyring.unlockIfUnattended(agent);
    await this.node.lifecycle.activate(agent);
  }

  /** Brings everybody online. */
  async returnAll(): Promise<void> {
    const away = this.agents.filter((agent) => !this.keyring.isOnline(agent));
    if (away.length === 0) return;
    await this.keyring.unlockUnattended();
    for (const agent of away) {
      await this.node.lifecycle.activate(agent);
      await this.whenIdle();
    }
  }

  async close(): Promise<void> {
    await this.node.lifecycle.stopStrategies();
    await this.db.destroy();
  }

  private sendOf(message: MessageId): OutboxKey {
    return { strategy: this.variant.strategy, message, step: 'send' };
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
