export * from './linked-network.js';
