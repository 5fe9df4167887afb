export * from './demand-reply.js';
export * from './fault-plan.js';
export * from './faulty-remote-calls.js';
export * from './in-process-remote-calls.js';
export * from './in-process-signals.js';
export * from './remote-calls.js';
export * from './serve-reporting.js';
export * from './signals.js';
