export * from './lattice.js';
export * from './envelope.js';
export * from './opening-receipts.js';
export * from './receipt-notary.js';
export * from './receipt.store.js';
export * from './schema/index.js';
export * from './signed-bytes.js';
export * from './vetting.js';
