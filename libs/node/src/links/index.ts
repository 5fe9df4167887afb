export * from './foreign-contacts.js';
export * from './linked-network.js';
export {
  type AgentFile,
  AgentFileError,
  type AgentFileHead,
  type FileRefusal,
  type SealedAgentFile,
  beginAgentFile,
} from './moving/agent-file.js';
export * from './moving/agent-moves.js';
export { type AgentTable, agentTable } from '../tables/agent-tables.js';
