export * from './create-node.js';
export * from './lifecycle.js';
export * from './node-faults.js';
export * from './strategies.js';
export * from './typing.js';
