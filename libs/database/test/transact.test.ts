import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Sql, sqlStateOf, transact, violatedConstraint } from '@musubi/database';
import { openTestDatabase, type TestDatabase } from '@musubi/database/testing';
import { counterParts } from './support/counter.parts.js';
import { meetingPoint } from './support/meeting-point.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase(counterParts, { poolSize: 4 });
});
afterAll(() => database.close());
beforeEach(() => database.dataSource.query('update counter set value = 0'));

function add(tx: Sql, id: number): Promise<unknown> {
  return tx.query('update counter set value = value + 1 where id = $1', [id]);
}

async function valueOf(id: number): Promise<number | undefined> {
  const rows: { value: number }[] = await database.dataSource.query(
    'select value from counter where id = $1',
    [id],
  );
  return rows[0]?.value;
}

/** An error that PostgreSQL itself raises, with this SQLSTATE. */
function raise(tx: Sql, sqlState: string): Promise<unknown> {
  return tx.query(`do $$ begin raise exception 'no' using errcode = '${sqlState}'; end $$`);
}

describe('transact', () => {
  it('returns what the work returns, committed', async () => {
    const result = await transact(database.dataSource, async (tx) => {
      await add(tx, 1);
      return 'done';
    });
    expect([result, await valueOf(1)]).toEqual(['done', 1]);
  });

  it('runs again, from a fresh reading, a transaction that could not be serialised (40001)', async () => {
    const bothHaveRead = meetingPoint(2);
    let attempts = 0;
    const countBoth = (id: number): Promise<void> =>
      transact(
        database.dataSource,
        async (tx) => {
          attempts += 1;
          const rows: { total: string }[] = await tx.query('select sum(value) as total from counter');
          await bothHaveRead();
          await tx.query('update counter set value = $1 where id = $2', [Number(rows[0]?.total) + 1, id]);
        },
        { isolation: 'SERIALIZABLE' },
      );
    await Promise.all([countBoth(1), countBoth(2)]);
    expect([await valueOf(1), await valueOf(2)].sort()).toEqual([1, 2]);
    // The other may not have ended when the loser begins again, and make it lose once more.
    expect(attempts).toBeGreaterThan(2);
  });

  it('runs again the victim of a deadlock (40P01)', async () => {
    const bothHoldOne = meetingPoint(2);
    let attempts = 0;
    const addInOrder = (first: number, second: number): Promise<void> =>
      transact(database.dataSource, async (tx) => {
        attempts += 1;
        await add(tx, first);
        await bothHoldOne();
        await add(tx, second);
      });
    await Promise.all([addInOrder(1, 2), addInOrder(2, 1)]);
    expect([await valueOf(1), await valueOf(2)]).toEqual([2, 2]);
    expect(attempts).toBeGreaterThan(2);
  });

  it('runs again when a lock was not to be had in time (55P03)', async () => {
    const holder = database.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('select from counter where id = 1 for update');
    await transact(
      database.dataSource,
      async (tx) => {
        await tx.query(`set local lock_timeout = '20ms'`);
        await add(tx, 1);
      },
      { sleep: () => holder.commitTransaction() },
    );
    await holder.release();
    expect(await valueOf(1)).toBe(1);
  });

  it('waits longer each time and gives up after the attempts allowed', async () => {
    const waits: number[] = [];
    const sleep = (milliseconds: number): Promise<unknown> => Promise.resolve(waits.push(milliseconds));
    const options = { attempts: 4, sleep, random: () => 0.5 };
    const refused = transact(database.dataSource, (tx) => raise(tx, '40001'), options);
    await expect(refused).rejects.toThrow('no');
    expect(waits).toEqual([5, 10, 20]);
  });

  it('does not repeat what cannot succeed, and names the constraint', async () => {
    let attempts = 0;
    const error: unknown = await transact(database.dataSource, (tx) => {
      attempts += 1;
      return tx.query('insert into counter values (1, 0)');
    }).catch((reason: unknown) => reason);
    expect([sqlStateOf(error), violatedConstraint(error), attempts]).toEqual(['23505', 'counter_pkey', 1]);
  });

  it('rolls back when the work throws after its last statement, and does not repeat', async () => {
    let attempts = 0;
    const work = async (tx: Sql): Promise<void> => {
      attempts += 1;
      await add(tx, 1);
      throw new Error('cut');
    };
    await expect(transact(database.dataSource, work)).rejects.toThrow('cut');
    expect([await valueOf(1), attempts]).toEqual([0, 1]);
  });

  it('lets many increments of one row all count', async () => {
    const once = (): Promise<unknown> =>
      transact(database.dataSource, (tx) => add(tx, 1), { isolation: 'REPEATABLE READ', attempts: 50 });
    await Promise.all(Array.from({ length: 12 }, once));
    expect(await valueOf(1)).toBe(12);
  });
});

describe('sqlStateOf', () => {
  it('takes no code of Node for one of PostgreSQL', () => {
    expect(sqlStateOf(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }))).toBeUndefined();
  });

  it('finds no constraint in an error that is not a violation', async () => {
    const error: unknown = await database.dataSource.query('select 1 / 0').catch((reason: unknown) => reason);
    expect([sqlStateOf(error), violatedConstraint(error)]).toEqual(['22012', undefined]);
  });

  it('fails, and holds nothing up, when the data source is closed under it', async () => {
    const other = await openTestDatabase(counterParts, { poolSize: 1 });
    const [began, goOn] = [meetingPoint(2), meetingPoint(2)];
    const cut = transact(other.dataSource, async (tx) => {
      await add(tx, 1);
      await began();
      await goOn();
    });
    cut.catch(() => undefined);
    await began();
    await other.close();
    await goOn();
    await expect(cut).rejects.toThrow('the transaction is over');
  });
});
