import {
  type CardRefusal,
  type ContactCard,
  ContactCardError,
  RecordsFullError,
  parseCard,
} from '@musubi/membership';
import { type AgentPubKey } from '@musubi/messaging';
import { type LinkedNetwork } from '@musubi/node/links';
import { Inject, Injectable } from '@nestjs/common';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';
import { ApiError, TryLaterError } from '../problem/api-error.js';
import { CONTACT_LIMIT, type ContactQuery, ContactStore } from './contact.store.js';
import { type ContactItem, type ContactPage, type ContactView, type NewContact } from './contacts.schemas.js';

/** What may change until somebody tries again. */
const RETRY_AFTER_S = 60;

const REFUSALS: Readonly<Record<CardRefusal, string>> = {
  'not-a-card': 'This is no contact card: one begins with musubi:card/.',
  oversized: 'The text is longer than any contact card.',
  damaged: 'The card was cut, or changed on its way: take it again.',
  'unknown-version': 'The card is of a version that this node does not know.',
  malformed: 'The card is malformed.',
  'forged-agent-record': 'The card was forged: its agent has not signed it.',
  'forged-node-record': 'The card was forged: its node has not signed it.',
  'parts-differ': 'The card was put together from two: its agent is on another node.',
  withdrawn: 'The agent has left the node of this card.',
};

/** The agents of other nodes whom each agent of this node knows, and the cards of this node's own. */
@Injectable()
export class Contacts {
  constructor(
    @Inject(NODE) private readonly node: Pick<ServiceNode, 'db' | 'fences' | 'network'>,
    private readonly store: ContactStore,
  ) {}

  /** @throws ApiError `node-alone`; AgentOfflineError; TryLaterError */
  async cardOf(agent: AgentPubKey): Promise<ContactCard> {
    const links = this.linked();
    try {
      return await links.cardOf(agent);
    } catch (error) {
      throw error instanceof RecordsFullError ? full() : error;
    }
  }

  /** @throws ApiError `node-alone`, `agent-deleted`, `card-refused`, `card-conflict`, `contact-limit-reached`; TryLaterError */
  async take(holder: AgentPubKey, agent: AgentPubKey, text: string): Promise<void> {
    const links = this.linked();
    const card = cardFrom(text);
    if (card.agent.content.agent !== agent)
      throw new ApiError('card-conflict', 'The card is that of another agent than the path names.');
    // Its record is gone: to the store of records its card would be that of an agent which has left.
    if (await this.node.fences.isDeleted(this.node.db, agent)) throw deleted();
    if (!(await this.store.hasRoom(holder, agent))) throw limitReached();
    const taken = await links.take(holder, card);
    if (taken === 'share-used') throw limitReached();
    if (taken === 'full') throw full();
    if (taken.agent === 'forked')
      throw new ApiError(
        'card-conflict',
        'Two cards of this agent contradict each other: ask it for a new one.',
      );
    if (!(await this.add(holder, agent))) throw limitReached();
  }

  /** Of a holder that was deleted meanwhile, the card is held for nobody. */
  private async add(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    try {
      return await this.store.add(holder, agent);
    } catch (error) {
      if (await this.node.fences.isDeleted(this.node.db, holder))
        await this.node.network.links?.release(holder, agent);
      throw error;
    }
  }

  /** What is absent stays. @throws ApiError `contact-not-found` */
  async change(
    holder: AgentPubKey,
    agent: AgentPubKey,
    { petname, readReceipts: isTold }: Omit<NewContact, 'card'>,
  ): Promise<ContactView> {
    const change = {
      ...(petname === undefined ? {} : { petname }),
      ...(isTold === undefined ? {} : { isTold }),
    };
    const isChanging = Object.keys(change).length > 0;
    if (isChanging && !(await this.store.change(holder, agent, change))) throw notFound();
    return this.find(holder, agent);
  }

  /** @throws ApiError `contact-not-found` */
  async find(holder: AgentPubKey, agent: AgentPubKey): Promise<ContactView> {
    if (!(await this.store.has(holder, agent))) throw notFound();
    return this.view(holder, agent);
  }

  has(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    return this.isAlone ? Promise.resolve(false) : this.store.has(holder, agent);
  }

  async list(holder: AgentPubKey, query: ContactQuery): Promise<ContactPage> {
    const { items, ...rest } = await this.store.list(holder, query);
    return { ...rest, items: await this.detailed(holder, items), prev: null };
  }

  /** @throws ApiError `contact-not-found` */
  async remove(holder: AgentPubKey, agent: AgentPubKey): Promise<void> {
    const wasThere = await this.store.remove(holder, agent);
    // Also when there was none: a take that ended half-way has left what it holds.
    await this.node.network.links?.release(holder, agent);
    if (!wasThere) throw notFound();
  }

  get isAlone(): boolean {
    return this.node.network.links === null;
  }

  private linked(): LinkedNetwork {
    const { links } = this.node.network;
    if (links !== null) return links;
    throw new ApiError(
      'node-alone',
      'This node has no links to others: NODE_LISTEN and BOOTSTRAP are not set.',
    );
  }

  private async detailed(holder: AgentPubKey, agents: readonly AgentPubKey[]): Promise<ContactItem[]> {
    const details = await this.store.details(holder, agents);
    return agents.map((agent, index) => {
      const { petname = null, isTold = null } = details[index] ?? {};
      return { agent, petname, readReceipts: isTold };
    });
  }

  private async view(holder: AgentPubKey, agent: AgentPubKey): Promise<ContactView> {
    const place = await this.node.network.links?.whereIs(agent);
    const [detail] = await this.detailed(holder, [agent]);
    return {
      agent,
      petname: null,
      readReceipts: null,
      ...detail,
      node: place?.node ?? null,
      addresses: [...(place?.addresses ?? [])],
    };
  }
}

/** @throws ApiError `card-refused`, `card-conflict` */
function cardFrom(text: string): ContactCard {
  try {
    return parseCard(text);
  } catch (error) {
    if (!(error instanceof ContactCardError)) throw error;
    const message = REFUSALS[error.reason];
    if (error.reason === 'withdrawn') throw new ApiError('card-conflict', message);
    throw new ApiError('card-refused', message, [{ path: 'card', message: error.reason }]);
  }
}

function full(): TryLaterError {
  return new TryLaterError('unavailable', 'This node has no room for another record.', RETRY_AFTER_S);
}

function deleted(): ApiError {
  return new ApiError('agent-deleted', 'This agent was deleted: nobody can write to it any more.');
}

function limitReached(): ApiError {
  return new ApiError(
    'contact-limit-reached',
    `This agent holds as many contacts as it may, ${CONTACT_LIMIT}: remove one first.`,
  );
}

function notFound(): ApiError {
  return new ApiError('contact-not-found', 'That agent is no contact of this one.');
}
