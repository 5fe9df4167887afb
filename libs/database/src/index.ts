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
export { byteaArray } from './bytea-array.js';
export { commitRows } from './commit-rows.js';
export { isDatabaseAway, isDatabaseUnavailable } from './database-away.js';
export { hasCode, messageOf } from './error-code.js';
export { listen, type Listening, type ListenSettings } from './listen.js';
export { migrate, NewerSchemaError } from './migrate.js';
export { isNullRefused, sqlStateOf, violatedConstraint } from './sql-state.js';
export { type Rows, RowsStatement, writeAtOnce, writeInTurn } from './rows.js';
export { type Sql } from './sql.js';
export { ResilientClient } from './resilient-client.js';
export { type IsolationLevel } from './transaction.js';
export { retrying, transact, type TransactOptions } from './transact.js';
export { whileAway } from './while-away.js';
