export * from './create-node.js';
export { AgentDeletion } from './deletion/agent-deletion.js';
export { AGENT_DELETED } from './deletion/deleted-agents.js';
export * from './lifecycle.js';
export * from './node-faults.js';
export * from './strategies.js';
export * from './typing.js';
export { type AgentTable, agentTable } from './tables/agent-tables.js';
