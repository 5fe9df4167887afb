export { knockBase } from './addressing/derived.addressing.js';
export * from './global-dht.strategy.js';
export * from './schema/index.js';
