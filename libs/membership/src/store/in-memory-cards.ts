import { type AgentPubKey } from '@musubi/messaging';
import { type NodeKey } from '@musubi/network/nodes';
import { type ContactCard } from '../card/contact-card.js';
import {
  type CardOutcome,
  type CardRows,
  type CardStore,
  CardsFullError,
  releaseCard,
  takeCard,
} from './cards.js';
import { type InMemoryAgentRecordStore, type InMemoryPeerStore } from './in-memory.store.js';

interface InMemoryCardParts {
  readonly self: NodeKey;
  readonly agents: InMemoryAgentRecordStore;
  readonly peers: InMemoryPeerStore;
  readonly share: number;
}

/** For simulations. */
export class InMemoryCardStore implements CardStore {
  private readonly held = new Map<AgentPubKey, Map<AgentPubKey, NodeKey>>();

  constructor(private readonly parts: InMemoryCardParts) {}

  async take(holder: AgentPubKey, card: ContactCard): Promise<CardOutcome> {
    const { agents, peers, share } = this.parts;
    const [undoAgents, undoPeers] = [agents.save(), peers.save()];
    try {
      return await takeCard(this.rows(), { holder, card, share });
    } catch (error) {
      if (!(error instanceof CardsFullError)) throw error;
      undoAgents();
      undoPeers();
      return 'full';
    }
  }

  release(holder: AgentPubKey, agent: AgentPubKey): Promise<void> {
    return releaseCard(this.rows(), holder, agent);
  }

  private rows(): CardRows {
    const { agents, peers, self } = this.parts;
    const of = (holder: AgentPubKey): Map<AgentPubKey, NodeKey> => {
      const cards = this.held.get(holder) ?? new Map<AgentPubKey, NodeKey>();
      this.held.set(holder, cards);
      return cards;
    };
    return {
      find: (holder, agent) => Promise.resolve(of(holder).get(agent)),
      count: (holder) => Promise.resolve(of(holder).size),
      write: (holder, agent, node) => Promise.resolve(void of(holder).set(agent, node)),
      remove: (holder, agent) => Promise.resolve(void of(holder).delete(agent)),
      putAgent: (record, holds) => agents.putByCard(record, self, holds),
      putNode: (record, holds) => peers.putByCard(record, self, holds),
      releaseAgent: (agent) => agents.hold(agent, -1),
      releaseNode: (node) => peers.hold(node, -1),
    };
  }
}
