import { ResilientClient } from './resilient-client.js';
import { MigrationExecutor, type DataSource, type QueryRunner } from 'typeorm';

/** Any fixed number will do, as long as every process uses this one: "musubi" in ASCII. */
const MIGRATION_LOCK = 0x6d7573756269;

/**
 * Applies the pending migrations, all in one transaction, and returns their names, in order; none pending is `[]`.
 * Processes that start together take turns behind an advisory lock: without it two at once both create TypeORM's
 * own table and one fails. Lock and migrations share one connection, so a pool of one is enough.
 *
 * @throws NewerSchemaError when the database has a migration that the data source does not know; nothing is written then
 * @throws QueryFailedError when a migration's SQL is refused; nothing of this call is applied then
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const queryRunner = dataSource.createQueryRunner();
  const client: unknown = await queryRunner.connect();
  // What a migration or another process's takes is no silence.
  const restorePatience = client instanceof ResilientClient ? client.waitForEver() : undefined;
  try {
    return await behindLock(queryRunner, async () => {
      const executor = new MigrationExecutor(dataSource, queryRunner);
      executor.transaction = 'all';
      await refuseNewer(executor, dataSource);
      const applied = await executor.executePendingMigrations();
      return applied.map((migration) => migration.name);
    });
  } finally {
    restorePatience?.();
    await queryRunner.release();
  }
}

/** The schema is of a later version of the program, and this one would read and write it wrongly. */
export class NewerSchemaError extends Error {
  override readonly name = 'NewerSchemaError';

  constructor(readonly migrations: readonly string[]) {
    super(
      `The database is of a newer version of this program: it has ${migrations.join(', ')}, which this version does not ` +
        'know. Nothing was changed. Start the newer version, or restore a copy of the database from before.',
    );
  }
}

async function refuseNewer(executor: MigrationExecutor, { migrations }: DataSource): Promise<void> {
  const known = new Set(migrations.map((migration) => migration.name ?? migration.constructor.name));
  const unknown = (await executor.getExecutedMigrations()).filter(({ name }) => !known.has(name));
  if (unknown.length > 0) throw new NewerSchemaError(unknown.map(({ name }) => name));
}

async function behindLock<T>(queryRunner: QueryRunner, work: () => Promise<T>): Promise<T> {
  // The lock is waited for as long as the other process migrates, and a migration may run for minutes.
  await queryRunner.query(`select set_config(name, '0', false) from unnest($1::text[]) as name`, [
    ['statement_timeout', 'lock_timeout'],
  ]);
  await queryRunner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    return await work();
  } finally {
    await restore(queryRunner);
  }
}

/** Fails only on a connection that is gone, and the lock with it; the error of the work says so already. */
async function restore(queryRunner: QueryRunner): Promise<void> {
  try {
    await queryRunner.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await queryRunner.query('reset statement_timeout');
    await queryRunner.query('reset lock_timeout');
  } catch {
    return;
  }
}
