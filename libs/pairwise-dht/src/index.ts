export * from './clones.js';
export * from './pairwise-dht.strategy.js';
export * from './pair.js';
export * from './schema/index.js';
