import { type DataSource } from 'typeorm';
import { poolOf } from './pool.js';
import { type Rows, writeAtOnce } from './rows.js';
import { retrying } from './transact.js';
import { pipelinedConnectionsOf } from './pipelined-connections.js';

/**
 * Commits rows as one statement, and so as a transaction by itself: all of them, or none.
 * @throws the server's error, at once if a retry cannot help, else from the last attempt
 */
export function commitRows(db: DataSource, rows: readonly Rows[]): Promise<void> {
  return retrying(() => writeAtOnce(pipelinedConnectionsOf(poolOf(db)), rows));
}
