import { type AgentKeys, randomBytes, toBase64Url } from '@musubi/crypto';
import {
  type AgentPubKey,
  type Clock,
  type Log,
  type MessageRef,
  SystemClock,
  type Timestamp,
  parseNonce,
  parseTimestamp,
} from '@musubi/messaging';
import { InProcessSignals } from '@musubi/network';
import { type TestNode, openTestNode, timeSinceNoon } from '@musubi/testing';
import { GlobalDhtStrategy, globalDhtDatabase } from '../../src/index.js';

/** As the service polls. */
export const POLL_MS = 15_000;
const DAY_US = 86_400_000_000;

/** A clock that began at noon, set wrong by some days. */
class WrongClock implements Clock {
  private readonly inner = new SystemClock(timeSinceNoon);
  days = 0;

  now(): Timestamp {
    return parseTimestamp(this.inner.now() + Math.round(this.days * DAY_US));
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.inner.sleep(ms, signal);
  }
}

/** A process with a clock of its own, on the database of the others. It hears none of their pushes. */
export class NodeProcess {
  readonly clock = new WrongClock();
  readonly events: string[] = [];
  strategy: GlobalDhtStrategy;

  constructor(private readonly node: TestNode) {
    this.strategy = this.open();
  }

  /** Ends, and begins again with the same agents. */
  async restart(...agents: readonly AgentPubKey[]): Promise<void> {
    await this.strategy.destroy();
    this.strategy = this.open();
    await this.strategy.init();
    for (const agent of agents) await this.strategy.activate(agent);
    await this.strategy.whenIdle();
  }

  async newAgent(): Promise<AgentPubKey> {
    const { agent } = await this.node.context.keyring.create();
    await this.strategy.join(agent);
    await this.strategy.activate(agent);
    await this.strategy.whenIdle();
    return agent;
  }

  async send(author: AgentPubKey, recipient: AgentPubKey): Promise<MessageRef> {
    const ref = await this.save(author, recipient);
    await this.strategy.send(ref);
    return ref;
  }

  async save(author: AgentPubKey, recipient: AgentPubKey): Promise<MessageRef> {
    const draft = {
      author,
      recipient,
      payload: { type: 'text', text: 'hello' } as const,
      replyTo: null,
      sentAt: this.clock.now(),
      nonce: parseNonce(toBase64Url(randomBytes(16))),
    };
    const { message } = await this.strategy.save(draft);
    return { holder: author, message };
  }

  /** So many polls, one after another. */
  async poll(times = 1): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      await this.strategy.poll(POLL_MS);
      await this.strategy.whenIdle();
    }
  }

  /** Two days go by, with polls: periods end. */
  async passDays(from: number): Promise<void> {
    for (const days of [from, from + 1, from + 2]) {
      this.clock.days = days;
      await this.poll(5);
    }
  }

  async statusOf(ref: MessageRef): Promise<string> {
    return (await this.strategy.messages.find(ref)).status;
  }

  keysOf(agent: AgentPubKey): AgentKeys {
    return this.node.context.keyring.keysOf(agent);
  }

  private open(): GlobalDhtStrategy {
    const log: Log = { warn: (event) => void this.events.push(event) };
    const context = { ...this.node.context, clock: this.clock, signals: new InProcessSignals(), log };
    return new GlobalDhtStrategy(context, { pollMs: null });
  }
}

export function openDeliveryNode(): Promise<TestNode> {
  return openTestNode({ parts: [globalDhtDatabase] });
}
