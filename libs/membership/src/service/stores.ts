import { type CardStore } from '../store/cards.js';
import { type AgentRecordStore, type PeerStore } from '../store/record-store.js';

export interface MembershipStores {
  readonly agents: AgentRecordStore;
  readonly peers: PeerStore;
  readonly cards: CardStore;
}
