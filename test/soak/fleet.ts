import { type Agent, type Client } from '../../apps/api/test/support/client.js';
import { LinkedNode } from '../nodes/support/linked-node.js';
import { freePort } from '../support/free-port.js';
import { SlowRoad } from '../support/slow-road.js';
import { until } from '../support/until.js';
import { type Held, countOf, heldIn } from './resources.js';

const PROBE = new URL('resources-probe.js', import.meta.url).href;
const STARTED_AT_ONCE = 2;

/** A node of a fleet: a process with a database of its own, the road to it, and an agent. */
export class Member {
  private constructor(
    readonly name: string,
    readonly node: LinkedNode,
    readonly road: SlowRoad,
    readonly agent: Agent,
    private readonly port: number,
  ) {}

  static async start(name: string, environment: Readonly<Record<string, string>>): Promise<Member> {
    const port = await freePort();
    const road = await SlowRoad.open({ delayMs: 0, jitterMs: 0, random: () => 0 }, port);
    const node = await LinkedNode.start({
      NODE_LISTEN: `127.0.0.1:${port}`,
      NODE_ADDRESS: `tcp://127.0.0.1:${road.port}`,
      NODE_OPTIONS: `--import ${PROBE}`,
      ...environment,
    });
    return new Member(name, node, road, await node.client.newAgent(name), port);
  }

  get client(): Client {
    return this.node.client;
  }

  async endAndStartAgain(signal: 'SIGTERM' | 'SIGKILL', pause: Promise<void>): Promise<void> {
    await this.node.end(signal);
    await pause;
    await this.node.startAgain(`127.0.0.1:${this.port}`);
  }

  async held(): Promise<Held> {
    const before = countOf(this.node.output());
    this.node.signal('SIGUSR2');
    return until(() => {
      const held = heldIn(this.node.output(), before + 1);
      return held === null ? Promise.reject(new Error('not told yet')) : Promise.resolve(held);
    });
  }

  async close(): Promise<void> {
    await this.node.close();
    await this.road.close();
  }
}

/** Nodes on this machine whose agents have each other's cards. */
export class Fleet {
  private constructor(readonly members: readonly Member[]) {}

  static async start(nodes: number, environment: Readonly<Record<string, string>> = {}): Promise<Fleet> {
    const members: Member[] = [];
    const fleet = new Fleet(members);
    try {
      while (members.length < nodes) {
        const names = Array.from(
          { length: Math.min(STARTED_AT_ONCE, nodes - members.length) },
          (_, index) => `node-${members.length + index + 1}`,
        );
        const started = await Promise.allSettled(names.map((name) => Member.start(name, environment)));
        for (const outcome of started) {
          if (outcome.status === 'fulfilled') members.push(outcome.value);
        }
        for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason;
      }
      await fleet.exchangeCards();
      return fleet;
    } catch (error) {
      await fleet.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.close()));
  }

  private async exchangeCards(): Promise<void> {
    const cards = await Promise.all(this.members.map(({ agent, node }) => node.cardOf(agent)));
    for (const holder of this.members) {
      for (const [index, { agent }] of this.members.entries()) {
        if (agent === holder.agent) continue;
        const [status] = await holder.node.take(holder.agent, agent.agent, cards[index] ?? '');
        if (status !== 200) throw new Error(`${holder.name} has not taken a card: ${status}`);
      }
    }
  }
}
