export * from './in-memory.strategy.js';
