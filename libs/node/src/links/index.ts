export * from './linked-network.js';
export { RecordsFullError } from './own-records.js';
