import { setTimeout as sleep } from 'node:timers/promises';
import { type CommitFaultRule, type NodeContext } from '@musubi/cell';
import { type AgentKeys, type RandomBytes } from '@musubi/crypto';
import { type OutboxStore, type OutboxStoreOptions, type Patience, USUAL_PATIENCE } from '@musubi/delivery';
import { type AgentPubKey, type MessageDraft } from '@musubi/messaging';
import { FaultPlan, type NetworkFaultRule } from '@musubi/network';
import { type NodeStrategies } from '@musubi/node';
import { AdvancingClock, DeliveryNode, type DeliveryNodeParts } from '@musubi/testing';
import { type DataSource } from 'typeorm';
import { type Observation, observe } from './observation.js';
import { NodeDiedError } from './node-died.js';
import { type ModelledSystem } from './modelled-system.js';
import { type Premises } from './premises.js';
import { fraction, seededBytes } from './seeded-bytes.js';

/** Parts of the product in which a defect was planted. */
export interface Planted {
  readonly instead?: (node: NodeContext) => Partial<NodeStrategies>;
  readonly makeOutbox?: (options: OutboxStoreOptions) => OutboxStore;
  readonly makeClock?: () => AdvancingClock;
  readonly mailboxPollMs?: number;
  /** Instead of what the run is played with. */
  readonly patience?: Patience;
  /** Runs when a node has died. */
  readonly afterDeath?: (db: DataSource) => Promise<void>;
}

/** What a run is played with. */
export interface Circumstances {
  readonly seed: number;
  /** 30 days when absent. */
  readonly patience?: Patience | undefined;
}

interface Life {
  readonly node: DeliveryNode;
  readonly died: Promise<never>;
  readonly die: () => void;
}

/** Longer than any call is waited for. */
const PATIENCE_S = 3600;
/** As in the service. */
export const MAILBOX_POLL_MS = 15_000;

/**
 * A minute. Every wait that a right clock set is over after 20 s and one that a wrong clock set after 30; a mailbox is
 * read again every 15 s. What is pending leads to at most two more: a letter, its receipt, the receipt of its reading.
 */
const WAITS_S = [5, 15, 15, 25] as const;

/** Agents on a node that can die in the middle of anything, and the next node on its database. */
export class LoneNode implements ModelledSystem {
  readonly clock: AdvancingClock;
  readonly faults: FaultPlan<NetworkFaultRule>;
  readonly commitFaults: FaultPlan<CommitFaultRule>;
  readonly waitsS = WAITS_S;
  readonly keys = new Map<AgentPubKey, AgentKeys>();
  private readonly patience: Patience;
  private readonly random: RandomBytes;
  private life: Life | undefined;
  private cutting: Promise<void> | undefined;
  /** How wrong the clock is, in seconds. */
  private wrong = 0;

  private constructor(
    readonly premises: Premises,
    private readonly planted: Planted,
    { seed, patience = USUAL_PATIENCE }: Circumstances,
  ) {
    this.patience = planted.patience ?? patience;
    this.random = seededBytes(seed);
    this.clock = planted.makeClock?.() ?? new AdvancingClock();
    this.faults = new FaultPlan(() => fraction(this.random));
    this.commitFaults = new FaultPlan(() => fraction(this.random));
  }

  static async open(
    premises: Premises,
    {
      agents,
      planted = {},
      ...circumstances
    }: Circumstances & { readonly agents: number; readonly planted?: Planted },
  ): Promise<LoneNode> {
    await premises.clear();
    const system = new LoneNode(premises, planted, circumstances);
    await system.start();
    for (let count = 0; count < agents; count += 1) {
      const agent = await system.node.newAgent();
      system.keys.set(agent, system.node.keyring.keysOf(agent));
    }
    return system;
  }

  /** The node that lives now. */
  get node(): DeliveryNode {
    if (this.life === undefined) throw new Error('no node was started');
    return this.life.node;
  }

  get residents(): readonly AgentPubKey[] {
    return [...this.keys.keys()].slice(0, 1);
  }

  heal(): Promise<number> {
    return Promise.resolve(this.setClock(0));
  }

  isUp(): boolean {
    return true;
  }

  online(): readonly AgentPubKey[] {
    return this.node.keyring.online();
  }

  draft(author: AgentPubKey, recipient: AgentPubKey): MessageDraft {
    return this.node.draft(author, recipient);
  }

  databaseOf(): DataSource {
    return this.premises.database.dataSource;
  }

  observe(): Promise<Observation> {
    return observe(this.databaseOf(), this.keys);
  }

  advance(seconds: number): Promise<void> {
    this.clock.advance(seconds);
    return Promise.resolve();
  }

  within<Result>(_agent: AgentPubKey, work: (node: DeliveryNode) => Promise<Result>): Promise<Result> {
    return this.inLife(work);
  }

  /** Sets the time of day so many seconds wrong, or right again. @returns by how many seconds it moved */
  setClock(wrong: number): number {
    const moved = wrong - this.wrong;
    this.clock.set(moved);
    this.wrong = wrong;
    return moved;
  }

  /** While the node is asleep, another one lives on its database: the two never hear of each other. */
  async elsewhere(agents: readonly AgentPubKey[], work: () => Promise<void>): Promise<void> {
    const asleep = this.life;
    const [faults, commitFaults] = [
      new FaultPlan<NetworkFaultRule>(never),
      new FaultPlan<CommitFaultRule>(never),
    ];
    const node = await DeliveryNode.start({ ...this.parts(), faults, commitFaults });
    this.life = { node, died: new Promise(() => undefined), die: () => undefined };
    try {
      for (const agent of agents) await node.goOnline(agent);
      await work();
      await node.whenIdle();
    } finally {
      await node.stop();
      this.life = asleep;
    }
  }

  /** Kills the node. What it has in memory is gone; what it was doing never ends. */
  die(): void {
    if (this.life === undefined || this.cutting !== undefined) return;
    this.life.die();
    this.cutting = this.premises.cut();
    void this.life.node.stop().catch(() => undefined);
  }

  /** Starts the next node if this one is dead. @returns whether it was */
  async recover(): Promise<boolean> {
    if (this.cutting === undefined) return false;
    await this.cutting;
    this.cutting = undefined;
    await this.planted.afterDeath?.(this.premises.db);
    await this.start();
    return true;
  }

  async whenIdle(): Promise<boolean> {
    let hasDied = await this.recover();
    for (;;) {
      // Sleepers that the clock woke up have to run first.
      await sleep(0);
      await this.inLife((node) => node.whenIdle()).catch((error: unknown) => {
        if (!(error instanceof NodeDiedError)) throw error;
      });
      if (!(await this.recover())) return hasDied;
      hasDied = true;
    }
  }

  async close(): Promise<void> {
    await this.whenIdle();
    await this.node.stop();
    // Who waits for the answer of a node that died gives up.
    this.clock.advance(PATIENCE_S);
  }

  private async inLife<Result>(work: (node: DeliveryNode) => Promise<Result>): Promise<Result> {
    if (this.life === undefined) throw new Error('no node was started');
    return Promise.race([this.life.died, work(this.life.node)]);
  }

  private async start(): Promise<void> {
    const node = await DeliveryNode.start(this.parts());
    let die = (): void => undefined;
    const died = new Promise<never>((_, reject) => {
      die = () => {
        reject(new NodeDiedError('the node died'));
      };
    });
    died.catch(() => undefined);
    this.life = { node, died, die };
  }

  private parts(): DeliveryNodeParts {
    const { clock, commitFaults, faults, patience, planted, random } = this;
    const { database, db } = this.premises;
    const crash = (): Promise<never> => {
      this.die();
      return new Promise(() => undefined);
    };
    const { instead, makeOutbox, mailboxPollMs = MAILBOX_POLL_MS } = planted;
    return {
      ...{ database, db, clock, faults, commitFaults, random, crash, instead },
      ...{ makeOutbox, mailboxPollMs, patience },
    };
  }
}

const never = (): number => 0;
