export * from './redis-link.js';
export * from './redis-remote-calls.js';
export * from './redis-seal.js';
export * from './redis-signals.js';
