export * from './source-chain.dna.js';
export * from './source-chain.strategy.js';
