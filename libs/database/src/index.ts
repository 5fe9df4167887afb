export { createDataSource, type DataSourceSettings } from './data-source.js';
export {
  bigintColumn,
  booleanColumn,
  bytesColumn,
  integerColumn,
  keyColumn,
  nullable,
  table,
  textColumn,
  type TableColumns,
  type TableExtras,
} from './table.js';
export { combineParts, type DatabaseParts, type MigrationClass } from './database-parts.js';
export { commitRows } from './commit-rows.js';
export { isDatabaseAway } from './database-away.js';
export { listen, type Listening, type ListenSettings } from './listen.js';
export { migrate } from './migrate.js';
export { isNullRefused, sqlStateOf, violatedConstraint } from './sql-state.js';
export { type Rows, RowsStatement, writeAtOnce, writeInTurn } from './rows.js';
export { type Sql } from './sql.js';
export { type IsolationLevel } from './transaction.js';
export { transact, type TransactOptions } from './transact.js';
export {
  DataDirectoryInUseError,
  EmbeddedPostgresError,
  EmbeddedPostgresLostError,
  EmbeddedPostgresStartError,
  EmbeddedPostgresUnavailableError,
} from './embedded/embedded-postgres.errors.js';
export { acquireOwnerLock, isDataDirectoryInUse, type OwnerLock } from './embedded/owner-lock.js';
export { removeDataFolder } from './embedded/remove-data-folder.js';
export { type StopMode } from './embedded/server-process.js';
export {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded/start-embedded-postgres.js';
