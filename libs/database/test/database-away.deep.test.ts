import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDataSource, isDatabaseAway, isDatabaseUnavailable, transact } from '@musubi/database';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';

const NOTHING = { entities: [], migrations: [] };

let database: TestDatabase;

beforeEach(async () => {
  database = await openTestDatabase(NOTHING, { poolSize: 2 });
});

afterEach(() => database.close());

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => Promise.reject(new Error('it should have failed')),
    (error: unknown) => error,
  );
}

const OWN_END = 'select pg_terminate_backend(pg_backend_pid())';

describe('a database that is away', () => {
  it('is told from the query that its end interrupts', async () => {
    expect(isDatabaseAway(await errorOf(database.dataSource.query(OWN_END)))).toBe(true);
  });

  it('is told from the next query of a transaction that lost its connection', async () => {
    const { dataSource } = database;

    const error = await errorOf(
      transact(dataSource, async (tx) => {
        await tx.query(OWN_END).catch(() => undefined);
        await tx.query('select 1');
      }),
    );

    expect(isDatabaseAway(error)).toBe(true);
    expect(await dataSource.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('is told where nobody listens', async () => {
    const nowhere = createDataSource({ ...NOTHING, url: 'postgres://musubi@127.0.0.1:1/musubi' });

    expect(isDatabaseAway(await errorOf(nowhere.initialize()))).toBe(true);
  });

  it.each([
    ['a query that is refused', 'select 1/0'],
    ['a lock that was not to be had', `do $$ begin raise sqlstate '55P03'; end $$`],
  ])('is not told from %s', async (_, query) => {
    expect(isDatabaseAway(await errorOf(database.dataSource.query(query)))).toBe(false);
  });

  it.each([new Error('anything'), 'a word', null])('is not told from %s', (error) => {
    expect(isDatabaseAway(error)).toBe(false);
  });
});

describe('a database that cannot do something at the moment', () => {
  const raising = (state: string): string => `do $$ begin raise sqlstate '${state}'; end $$`;

  it.each(['53100', '53200', '53300', '57014', '58030', '40001', '40P01', '25006', '55P03', '08006'])(
    'is told from SQLSTATE %s',
    async (state) => {
      const error = await errorOf(database.dataSource.query(raising(state)));

      expect(isDatabaseUnavailable(error)).toBe(true);
    },
  );

  it.each(['22012', '23505', '42P01', 'XX001'])('is not told from SQLSTATE %s', async (state) => {
    const error = await errorOf(database.dataSource.query(raising(state)));

    expect(isDatabaseUnavailable(error)).toBe(false);
  });

  it('is told from a statement that the server never answers', async () => {
    const db = createDataSource({ ...NOTHING, url: database.url, poolSize: 1, statementTimeoutMs: 2000 });
    await db.initialize();
    // The server would cancel it after the timeout: this makes it silent instead.
    const sql = `select set_config('statement_timeout', '0', false)`;
    await db.query(sql);

    const error = await errorOf(db.query('select pg_sleep(3600)'));

    expect(isDatabaseAway(error)).toBe(true);
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
    await db.destroy();
  });
});
