export { type Change, type ChangesOptions, type Changes, type Connection, type Typing } from './changes.js';
export { MusubiClient } from './client.js';
export {
  type AgentToDelete,
  type ClientOptions,
  type Credentials,
  type Draft,
  type NewAgent,
  type NewTyping,
} from './options.js';
export {
  OutdatedServiceError,
  ProblemError,
  TimeoutError,
  UnreachableError,
  UnverifiedFileError,
  UnverifiedMessageError,
} from './errors.js';
export { type FileDownload } from './file-download.js';
export { type FileContent } from './file-content.js';
export { type NewFile, type Progress, type TransferOptions } from './file-options.js';
export { type Files } from './files.js';
export { type ConversationPage, type MessagePage, type Start, type UnverifiedMessage } from './pages.js';
export { type CallOptions, type Fetch, newKey } from './transport.js';
export {
  type Agent,
  type AgentPage,
  type AgentQuery,
  type Contact,
  type ContactChange,
  type ContactPage,
  type ContactQuery,
  type ConversationQuery,
  type Message,
  type MessageFile,
  type MessageQuery,
  type PinQuery,
  type Problem,
  type ProblemCode,
  type Receipt,
  type ReceiptBatch,
  type SearchQuery,
  type Session,
  type Settings,
  type SettingsChange,
  type Status,
  type Strategy,
  type StrategyName,
} from './types.js';
export { verifyMessage } from './verify.js';
export { type Waiting } from './waiting.js';
export { type components, type operations, type paths } from './openapi.js';
