export {
  DataDirectoryInUseError,
  EmbeddedPostgresError,
  EmbeddedPostgresLostError,
  EmbeddedPostgresStartError,
  EmbeddedPostgresUnavailableError,
} from './embedded-postgres.errors.js';
export { makeFolder } from './make-folder.js';
export { acquireOwnerLock, isDataDirectoryInUse, type OwnerLock } from './owner-lock.js';
export { removeDataFolder } from './remove-data-folder.js';
export { type StopMode } from './server-process.js';
export {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './start-embedded-postgres.js';
