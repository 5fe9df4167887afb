export * from './foreign-contacts.js';
export * from './linked-network.js';
export {
  type AgentFile,
  AgentFileError,
  type AgentFileHead,
  type FileRefusal,
  type OpenedAgentFile,
  type SealedAgentFile,
  beginAgentFile,
} from './moving/agent-file.js';
export * from './moving/agent-exports.js';
export * from './moving/agent-imports.js';
export { type AgentTable, type TablesOfAgents, agentTable, tablesOfAgents } from '../tables/agent-tables.js';
