export * from './chain-views.js';
export * from './explain.js';
export * from './stored-harness.js';
export * from './test-node.js';
