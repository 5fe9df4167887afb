export * from './schema/index.js';
export * from './source-chain.dna.js';
export * from './source-chain.options.js';
export * from './source-chain.strategy.js';
