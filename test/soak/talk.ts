import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentPubKey, type StrategyName, parseAgentPubKey, parseMessageId } from '@musubi/messaging';
import { type Copy, type SentMessage, auditMessages } from '@musubi/audit';
import { copyShown, messagesOf } from '../support/held-over-rest.js';
import { type Member } from './fleet.js';

export const PLACEMENTS: readonly StrategyName[] = ['source-chain', 'pairwise-dht'];

interface Acknowledged {
  readonly strategy: StrategyName;
  readonly id: string;
  readonly author: AgentPubKey;
  readonly recipient: AgentPubKey;
}

/** Every agent writes to others, chosen by chance, whether or not their nodes are there. */
export class Talk {
  readonly acknowledged: Acknowledged[] = [];
  private readonly stopping = new AbortController();
  private readonly talking: Promise<void>[] = [];
  /** Requests that were not answered with a message: their node was away, or stood still. */
  unanswered = 0;

  constructor(
    private readonly members: readonly Member[],
    private readonly random: () => number,
  ) {}

  /** @param pauseMs between two messages of one agent */
  start(pauseMs: number): void {
    for (const member of this.members) this.talking.push(this.talkOn(member, pauseMs));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.talking);
  }

  private async talkOn(author: Member, pauseMs: number): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.sendOnce(author).catch(() => {
        this.unanswered += 1;
      });
      await sleep(pauseMs * (0.5 + this.random()), undefined, { signal }).catch(() => undefined);
    }
  }

  private async sendOnce(author: Member): Promise<void> {
    const others = this.members.filter((member) => member !== author);
    const recipient = this.chosen(others);
    const strategy = this.chosen(PLACEMENTS);
    const headers = { prefer: 'respond-async' };
    const { id } = await author.client.send(strategy, author.agent, recipient.agent, { headers });
    this.acknowledged.push({
      strategy,
      id,
      author: parseAgentPubKey(author.agent.agent),
      recipient: parseAgentPubKey(recipient.agent.agent),
    });
  }

  private chosen<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.random() * items.length)];
    if (item === undefined) throw new RangeError('there is nothing to choose');
    return item;
  }
}

export interface Verdict {
  readonly messages: number;
  readonly delivered: number;
  /** What is lost, doubled, false or not signed, in words. */
  readonly faults: readonly string[];
}

/** Holds what was acknowledged, and what authors hold besides, against all that anybody holds. */
export async function auditOf(members: readonly Member[], { acknowledged }: Talk): Promise<Verdict> {
  const verdicts = await Promise.all(PLACEMENTS.map((strategy) => auditOn(strategy, members, acknowledged)));
  return {
    messages: sum(verdicts.map(({ messages }) => messages)),
    delivered: sum(verdicts.map(({ delivered }) => delivered)),
    faults: verdicts.flatMap(({ faults }) => faults),
  };
}

async function auditOn(
  strategy: StrategyName,
  members: readonly Member[],
  acknowledged: readonly Acknowledged[],
): Promise<Verdict> {
  const copies: Copy[] = [];
  const sent = new Map<string, SentMessage>();
  for (const { agent, client } of members) {
    for (const message of await messagesOf(client, strategy, agent)) {
      copies.push(copyShown(agent, message));
      if (message.author !== agent.agent) continue;
      const [author, recipient] = [parseAgentPubKey(message.author), parseAgentPubKey(message.recipient)];
      // A kill takes answers away: what an author holds was sent.
      sent.set(message.id, { id: parseMessageId(message.id), author, recipient, isAcknowledged: false });
    }
  }
  for (const { id, author, recipient } of acknowledged.filter((answer) => answer.strategy === strategy))
    sent.set(id, { id: parseMessageId(id), author, recipient, isAcknowledged: true });
  const { faults, shown } = auditMessages([...sent.values()], copies);
  return { messages: sent.size, delivered: shown.size, faults: faults.map(({ witness }) => witness) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
