import { type AgentsQuery, type ContactDetail, type Writers } from '@musubi/cell';
import { CARD_SHARE } from '@musubi/membership';
import { type AgentPubKey, type Page } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';

/** Of one agent. */
export const CONTACT_LIMIT = CARD_SHARE;
/** Pairs that were found once, and that only their holder ends. */
const REMEMBERED = 10_000;

export type ContactQuery = AgentsQuery;

/** The contacts of each agent: those of other nodes whose cards it has taken, and agents of this node. */
@Injectable()
export class ContactStore {
  private readonly known = new Set<string>();
  private readonly writers: Writers;

  constructor(@Inject(NODE) node: Pick<ServiceNode, 'writers'>) {
    this.writers = node.writers;
  }

  /** Repeatable. @returns false when the holder has as many as it may. @throws AgentOfflineError */
  add(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    return this.writers.changing(holder, () => this.writers.contacts.add(holder, agent, CONTACT_LIMIT));
  }

  /** Whether `add` would do. @throws AgentOfflineError */
  async hasRoom(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    return (await this.has(holder, agent)) || (await this.writers.contacts.count(holder)) < CONTACT_LIMIT;
  }

  /** @throws AgentOfflineError */
  async has(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    const pair = `${holder} ${agent}`;
    if (this.known.has(pair)) return true;
    if (!(await this.writers.contacts.has(holder, agent))) return false;
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.add(pair);
    return true;
  }

  /** @returns false when there was none. @throws AgentOfflineError */
  async remove(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    const removed = await this.writers.changing(holder, () => this.writers.contacts.remove(holder, agent));
    this.known.delete(`${holder} ${agent}`);
    return removed;
  }

  /** What is absent stays. @returns false when the agent is no contact @throws AgentOfflineError, AgentMovedError */
  change(holder: AgentPubKey, agent: AgentPubKey, change: Partial<ContactDetail>): Promise<boolean> {
    return this.writers.details.change(holder, agent, change);
  }

  /** Of each of these agents, in their order. @throws AgentOfflineError */
  details(holder: AgentPubKey, agents: readonly AgentPubKey[]): Promise<readonly ContactDetail[]> {
    return this.writers.details.of(holder, agents);
  }

  /** In an order that means nothing. @throws InvalidCursorError, AgentOfflineError */
  list(holder: AgentPubKey, query: ContactQuery): Promise<Page<AgentPubKey>> {
    return this.writers.contacts.list(holder, query);
  }
}
