/** What a service needs of the lab: nothing here loads what measures or draws. */
export * from '../card/capability-card.js';
export * from '../card/card-report.js';
export * from '../card/card.schema.js';
export * from './comparison-process.js';
export * from './messages.js';
export * from './order.js';
