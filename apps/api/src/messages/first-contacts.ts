import { type AgentPubKey, type MessagingStrategy } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { networkOf } from '../http/caller-address.js';
import { Budget } from '../access/budget.js';
import { type Config } from '../config/config.js';
import { hasConversation } from '../node/conversations.js';
import { CONFIG } from '../node/tokens.js';

const DAY_S = 86_400;
/** Pairs that have conversed: each is looked up once. */
const REMEMBERED = 50_000;

/** Who writes to whom, from which address. */
export interface Contact {
  readonly author: AgentPubKey;
  readonly recipient: AgentPubKey;
  readonly address: string;
}

/**
 * How many conversations a network may begin in a day. A first message makes its recipient keep something for ever, a
 * clone or a mailbox to watch, and agents to send it from cost nothing.
 */
@Injectable()
export class FirstContacts {
  private readonly perDay: Budget;
  private readonly conversing = new Set<string>();

  constructor(@Inject(CONFIG) { firstContactsPerDay }: Pick<Config, 'firstContactsPerDay'>) {
    this.perDay = new Budget(firstContactsPerDay, DAY_S);
  }

  /** What is not kept does not count. @throws TryLaterError `rate-limited` */
  async admit<Kept>(strategy: MessagingStrategy, contact: Contact, send: () => Promise<Kept>): Promise<Kept> {
    const { author, recipient, address } = contact;
    const pair = `${strategy.name} ${author} ${recipient}`;
    if (author === recipient || this.conversing.has(pair)) return send();
    if (await hasConversation(strategy, contact)) {
      this.remember(pair);
      return send();
    }
    const network = networkOf(address);
    const spending = await this.perDay.spend(network);
    try {
      const kept = await send();
      this.remember(pair);
      return kept;
    } catch (error) {
      await this.perDay.giveBack(spending);
      throw error;
    }
  }

  private remember(pair: string): void {
    if (this.conversing.size >= REMEMBERED) this.conversing.clear();
    this.conversing.add(pair);
  }
}
