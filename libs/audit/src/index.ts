export * from './chain-faults.js';
export * from './held-messages.js';
export * from './message-faults.js';
export { CROWD } from './guarantees/concurrency-probes.js';
export * from './guarantees/guarantee-probes.js';
export { type Refusals } from './guarantees/probe-acts.js';
export * from './guarantees/probe-subject.js';
