import { type NodeContext } from '@musubi/cell';
import { randomBytes } from '@musubi/crypto';
import { type AgentPubKey, type StrategyName } from '@musubi/messaging';
import { type NodeStrategies } from '@musubi/node';
import { FaultPlan } from '@musubi/network';
import { type PairTable, messagesBetween } from '@musubi/observers';
import { AdvancingClock, openDeliveryDatabase, DeliveryNode } from '@musubi/testing';

/** Who writes to whom, by index: three pairs, and two who write to nobody. */
const MESSAGES = [
  [0, 1],
  [1, 0],
  [2, 3],
  [2, 3],
  [4, 5],
  [5, 4],
  [0, 1],
] as const;
const AGENTS = 8;

/** Agents of one node, who have written to one another on one placement. */
export class Community {
  readonly truth: PairTable = messagesBetween(
    AGENTS,
    MESSAGES.map(([from, to]) => ({ from, to })),
  );

  private constructor(
    readonly node: DeliveryNode,
    readonly agents: readonly AgentPubKey[],
  ) {}

  static async open(instead?: (node: NodeContext) => Partial<NodeStrategies>): Promise<Community> {
    const database = await openDeliveryDatabase();
    const node = await DeliveryNode.start({
      database,
      db: database.dataSource,
      clock: new AdvancingClock(),
      faults: new FaultPlan(() => 0),
      commitFaults: new FaultPlan(() => 0),
      random: randomBytes,
      crash: () => Promise.reject(new Error('no fault was asked for')),
      instead,
    });
    const agents: AgentPubKey[] = [];
    while (agents.length < AGENTS) agents.push(await node.newAgent());
    return new Community(node, agents);
  }

  close(): Promise<void> {
    return this.node.close();
  }

  /** Everybody writes. Each message has a canary in it that names its ends. */
  async write(strategy: StrategyName): Promise<void> {
    for (const [from, to] of MESSAGES) {
      const [author, recipient] = [this.agent(from), this.agent(to)];
      const payload = { type: 'text', text: canaryOf(from, to) } as const;
      const draft = { ...this.node.draft(author, recipient), payload };
      const { message } = await this.node.strategies[strategy].save(draft);
      await this.node.attempts.first(author, { strategy, message, step: 'send' });
    }
    await this.node.whenIdle();
  }

  agent(index: number): AgentPubKey {
    const agent = this.agents[index];
    if (agent === undefined) throw new RangeError('no such agent');
    return agent;
  }
}

export function canaryOf(from: number, to: number): string {
  return `a canary from ${from} to ${to}, and nobody else`;
}

export const CANARIES: readonly string[] = [...new Set(MESSAGES.map(([from, to]) => canaryOf(from, to)))];
