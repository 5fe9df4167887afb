export * from './global-dht.strategy.js';
export * from './schema/index.js';
