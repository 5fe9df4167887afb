import {
  type Contact,
  type Message,
  type MusubiClient,
  type StrategyName,
  type UnverifiedMessage,
} from '@musubi/client';
import { PLACEMENTS } from './arguments.js';

export const MOST_MESSAGES = 200;
const CONVERSATIONS = 50;
/** What was written in between may hide the oldest that nobody has read. */
const MORE = 10;

interface Latest {
  readonly messages: readonly Message[];
  readonly unverified: readonly UnverifiedMessage[];
}

interface Missed {
  readonly contacts: readonly Pick<Contact, 'agent' | 'petname'>[];
  readonly unread: readonly Message[];
}

/** What was said, on all placements, in the order in which it was written. */
export class Reading {
  constructor(
    private readonly client: MusubiClient,
    private readonly signal: AbortSignal,
  ) {}

  /** The latest with this agent. */
  async latest(agent: string, limit: number): Promise<Latest> {
    const { client, signal } = this;
    const pages = await Promise.all(
      PLACEMENTS.map((placement) => client.messages(placement, { with: agent, limit }, { signal })),
    );
    const messages = pages.flatMap(({ items }) => items).toSorted(byTime);
    return { messages: messages.slice(-limit), unverified: pages.flatMap(({ unverified }) => unverified) };
  }

  /** The latest with this agent that have these words. */
  async found(text: string, agent: string, most: number): Promise<readonly Message[]> {
    const found: Message[] = [];
    for (const placement of PLACEMENTS) {
      const all = this.client.search(placement, { text, with: agent }, { signal: this.signal });
      for (let left = most; left > 0; left -= 1) {
        const next = await all.next();
        if (next.done === true) break;
        found.push(next.value);
      }
    }
    return found.toSorted(byTime).slice(-most);
  }

  /** What is pinned of the conversation with this agent. */
  async pinned(agent: string): Promise<readonly Message[]> {
    const pinned: Message[] = [];
    for (const placement of PLACEMENTS)
      for await (const message of this.client.pinned(placement, { with: agent }, { signal: this.signal }))
        pinned.push(message);
    return pinned.toSorted(byTime);
  }

  /** What nobody has looked at yet, of everybody. */
  async missed(): Promise<Missed> {
    const { client, signal } = this;
    const { contacts, conversations } = await client.start({ limit: CONVERSATIONS }, { signal });
    const named: Missed['contacts'][number][] = [...contacts.items];
    const unread: Message[] = [];
    for (const placement of PLACEMENTS)
      for (const { peer, petname, unread: count } of conversations[placement].items) {
        named.push({ agent: peer, petname });
        if (count > 0) unread.push(...(await this.unreadOf(placement, peer, count)));
      }
    return { contacts: named, unread: unread.toSorted(byTime) };
  }

  private async unreadOf(placement: StrategyName, peer: string, count: number): Promise<readonly Message[]> {
    const limit = Math.min(MOST_MESSAGES, count + MORE);
    const { items } = await this.client.messages(placement, { with: peer, limit }, { signal: this.signal });
    return items.filter(isUnreadFrom(peer));
  }
}

const byTime = (one: Message, other: Message): number => Date.parse(one.sentAt) - Date.parse(other.sentAt);

export const isUnreadFrom =
  (author: string) =>
  (message: Message): boolean =>
    message.author === author && message.unread;
