export * from './backoff.js';
export * from './courier.js';
export * from './outbox-worker.js';
export * from './outbox.store.js';
export * from './schema/index.js';
