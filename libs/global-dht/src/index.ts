export {
  type Addressing,
  type MailboxAddress,
  type WatchedMailbox,
  GLOBAL_DHT_SPACE,
  ownChain,
} from './addressing/addressing.js';
export { contactRequestBase } from './addressing/derived.addressing.js';
export * from './global-dht.strategy.js';
export { letterAuthors } from './letter-authors.js';
export * from './schema/index.js';
