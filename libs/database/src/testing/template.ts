import { createHash } from 'node:crypto';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { createDataSource } from '../data-source.js';
import { type DatabaseParts } from '../database-parts.js';
import { migrate } from '../migrate.js';
import { sqlStateOf } from '../sql-state.js';
import { type ResilientClient } from '../resilient-client.js';
import { testDatabaseUrl } from './test-server.js';

/** "musubi" in ASCII, plus one: the lock under which Jest's workers take turns to build a template. */
const TEMPLATE_LOCK = 0x6d756d757369;
const OBJECT_IN_USE = '55006';
const ATTEMPTS = 20;
const WAIT_MS = 100;

/** The migrated database that others are copied from; built once for one set of migrations. */
export async function ensureTemplate(server: ResilientClient, parts: DatabaseParts): Promise<string> {
  const name = `musubi_template_${fingerprint(parts)}`;
  if (await databaseExists(server, name)) return name;
  // Given back also when the connection ends, so a worker that dies while it builds blocks no other.
  await server.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    if (!(await databaseExists(server, name))) await build(server, name, parts);
    return name;
  } finally {
    await server.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
}

/** Copies one database; waits out connections to it that are just closing. */
export async function copyDatabase(server: ResilientClient, template: string, copy: string): Promise<void> {
  const strategy = await copyStrategy(server);
  await whenUnused(() =>
    server.query(`create database "${copy}" template "${template}" strategy ${strategy}`),
  );
}

/**
 * PostgreSQL logs a copy page by page, by default. To copy the files takes a third of that where none is synced: a copy and
 * its end took 36 ms of processor time, not 116. A server that syncs them would take seconds.
 */
async function copyStrategy(server: ResilientClient): Promise<'file_copy' | 'wal_log'> {
  const { rows } = await server.query<{ fsync: string }>(`select current_setting('fsync') as fsync`);
  return rows[0]?.fsync === 'off' ? 'file_copy' : 'wal_log';
}

/** Built under another name, so that a half-migrated one is never copied. */
async function build(server: ResilientClient, name: string, parts: DatabaseParts): Promise<void> {
  const draft = `${name}_draft`;
  await server.query(`drop database if exists "${draft}" with (force)`);
  await server.query(`create database "${draft}"`);
  const dataSource = await createDataSource({
    ...parts,
    url: testDatabaseUrl(draft),
    poolSize: 1,
  }).initialize();
  try {
    await migrate(dataSource);
  } finally {
    await dataSource.destroy();
  }
  await whenUnused(() => server.query(`alter database "${draft}" rename to "${name}"`));
}

async function whenUnused(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || sqlStateOf(error) !== OBJECT_IN_USE) throw error;
    }
    await sleepFor(WAIT_MS);
  }
}

async function databaseExists(server: ResilientClient, name: string): Promise<boolean> {
  const found = await server.query('select 1 from pg_database where datname = $1', [name]);
  return found.rowCount === 1;
}

/** Over the source of the migrations too: on a server that outlives the run, an edited one needs a new template. */
function fingerprint({ migrations }: DatabaseParts): string {
  const hash = createHash('sha256');
  for (const migration of migrations) hash.update(`${migration.name}\n${String(migration)}\n`);
  return hash.digest('hex').slice(0, 16);
}
