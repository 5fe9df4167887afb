import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDataSource, isDatabaseAway, transact } from '@musubi/database';
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
