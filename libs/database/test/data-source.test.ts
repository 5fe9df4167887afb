import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDataSource } from '@musubi/database';
import { openTestDatabase, type TestDatabase } from '@musubi/database/testing';
import { until } from '../../../test/support/until.js';
import { counterParts } from './support/counter.parts.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase(counterParts, { poolSize: 3 });
});
afterAll(() => database.close());

const ALL_OTHERS = `select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid()`;

/** The pool hears of a cut connection a moment later, and may lend it until then. */
async function answersAgain(): Promise<void> {
  await until(() => database.dataSource.query('select 1'));
}

describe('createDataSource', () => {
  it('survives that the server ends its connections, idle and busy ones (57P01)', async () => {
    const idle = ['a', 'b'].map(() => database.dataSource.query('select pg_sleep(0.05)'));
    await Promise.all(idle);
    const busy = database.dataSource.query('select pg_sleep(60)');
    const cut = expect(busy).rejects.toThrow('terminating connection');
    await database.dataSource.query(ALL_OTHERS);
    await cut;
    await answersAgain();
  });

  it('fails a transaction whose connection is cut, and goes on', async () => {
    const runner = database.dataSource.createQueryRunner();
    await runner.startTransaction();
    await database.dataSource.query(ALL_OTHERS);
    await expect(runner.query('select 1')).rejects.toThrow();
    await runner.release();
    await answersAgain();
  });

  it('leaves commits durable', async () => {
    const rows: unknown = await database.dataSource.query('show synchronous_commit');
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
  });

  it.each([
    [false, ['30s', '1min']],
    [true, ['0', '0']],
  ])(
    'bounds statements, and transactions that are left alone, unless it is unhurried: %p',
    async (isUnhurried, limits) => {
      const { url } = database;
      const db = await createDataSource({ ...counterParts, url, poolSize: 1, isUnhurried }).initialize();

      const shown = await db.query<{ statement: string; idle: string }[]>(
        "select current_setting('statement_timeout') as statement, current_setting('idle_in_transaction_session_timeout') as idle",
      );

      expect(shown.map(({ statement, idle }) => [statement, idle])).toEqual([limits]);
      await db.destroy();
    },
  );
});
