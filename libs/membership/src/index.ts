export * from './card/card-image.js';
export * from './card/contact-card.js';
export { type RoundLimits } from './exchange/comparison.js';
export * from './exchange/messages.js';
export * from './exchange/record-exchange.js';
export * from './record/agent-record.js';
export { MAX_LEASE_US } from './record/items.js';
export * from './record/node-record.js';
export * from './record/rules.js';
export * from './record/signed-record.js';
export * from './schema/index.js';
export * from './service/bootstrap.js';
export * from './service/membership.js';
export { type MembershipHooks } from './service/hooks.js';
export {
  type AnnounceOptions,
  type Announcement,
  type AnnouncingKeys,
  RecordsFullError,
} from './service/own-agents.js';
export { type NodePlaceContent, NODE_LEASE_US } from './service/own-node-record.js';
export { type PeerState } from './service/peer-states.js';
export { BEGIN_TOPIC, DELIVER_TOPIC, EXCHANGE_MS } from './service/record-gossip.js';
export { NEWS_TOPIC } from './service/record-news.js';
export { type MoveAnswer, MOVED_TOPIC, Moves, WHERE_TOPIC } from './service/moves.js';
export { BACK_TOPIC } from './service/return-notices.js';
export { RELAY_TOPIC, type RelayingOptions } from './service/relays.js';
export { type AgentStatement, encodeStatement, readStatement } from './service/statement.js';
export { type VainCallLimits, VAIN_CALL_LIMITS, VainCalls } from './service/vain-calls.js';
export { type MembershipStores } from './service/stores.js';
export { CARD_SHARE, type CardOutcome, type CardStore } from './store/cards.js';
export { InMemoryCardStore } from './store/in-memory-cards.js';
export * from './store/in-memory.store.js';
export { PostgresCardStore } from './store/postgres-cards.js';
export * from './store/postgres.store.js';
export * from './store/record-store.js';
export * from './store/whereabouts.js';
