export {
  type Addressing,
  type MailboxAddress,
  type WatchedMailbox,
  ownChain,
} from './addressing/addressing.js';
export { contactRequestBase } from './addressing/derived.addressing.js';
export * from './global-dht.strategy.js';
export * from './schema/index.js';
