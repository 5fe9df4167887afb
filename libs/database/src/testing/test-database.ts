import { randomUUID } from 'node:crypto';
import { type DataSource } from 'typeorm';
import { createDataSource } from '../data-source.js';
import { type DatabaseParts } from '../database-parts.js';
import { copyDatabase, ensureTemplate } from './template.js';
import { onTestServer, testDatabaseUrl } from './test-server.js';

export interface TestDatabaseOptions {
  /** Most connections held at once; 10 when absent. */
  readonly poolSize?: number;
  /** As that of a data source. */
  readonly isUnhurried?: boolean;
}

export interface TestDatabase {
  readonly url: string;
  /** Connected, and migrated. */
  readonly dataSource: DataSource;
  /** Drops the database, with whatever connections others still hold. Repeatable. */
  close(): Promise<void>;
}

/**
 * A new database with these parts' tables, shared with no other test; some 20 to 110 ms after the first of its kind, with the disk.
 *
 * @throws TestServerMissingError when Jest's global setup did not run
 */
export async function openTestDatabase(
  parts: DatabaseParts,
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const name = `musubi_test_${randomUUID().replaceAll('-', '')}`;
  await onTestServer(async (server) => copyDatabase(server, await ensureTemplate(server, parts), name));
  const url = testDatabaseUrl(name);
  const dataSource = await createDataSource({ ...parts, ...options, url }).initialize();
  const close = async (): Promise<void> => {
    if (dataSource.isInitialized) await dataSource.destroy();
    await onTestServer((server) => server.query(`drop database if exists "${name}" with (force)`));
  };
  return { url, dataSource, close };
}
