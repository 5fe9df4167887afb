export * from './correspondence.js';
export * from './history.js';
export * from './history.reader.js';
export { MESSAGE_ONCE } from './history.sql.js';
export * from './keeping.js';
export * from './message-keeper.js';
export * from './placement.js';
export * from './schema/index.js';
