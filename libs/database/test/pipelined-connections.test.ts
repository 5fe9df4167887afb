import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '@musubi/database/testing';
import pg from 'pg';
import { sqlStateOf } from '../src/sql-state.js';
import { ResilientClient } from '../src/resilient-client.js';
import { PipelinedConnections } from '../src/pipelined-connections.js';

const POOL_SIZE = 8;
const ENOUGH = Math.min(availableParallelism() + 1, POOL_SIZE / 2);
/** However slow the machine is, no statement that takes less waits for a lock. */
const PATIENT_MS = 600_000;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

let database: TestDatabase;
let pool: pg.Pool;
let connections: PipelinedConnections;

function openPool(max: number, connectionString = database.url): pg.Pool {
  const opened = new pg.Pool({ connectionString, max, Client: ResilientClient, pipeline: true });
  opened.on('error', () => undefined);
  return opened;
}

beforeAll(async () => {
  database = await openTestDatabase({ entities: [], migrations: [] });
  await database.dataSource.query('create table a (id int constraint a_once primary key, name text)');
});
afterAll(() => database.close());

beforeEach(async () => {
  await database.dataSource.query('truncate a');
  pool = openPool(POOL_SIZE);
  connections = new PipelinedConnections(pool);
});
afterEach(() => pool.end());

async function pidOf(through = connections): Promise<number> {
  const [row] = await through.query<{ pid: number }[]>('select pg_backend_pid() as pid, $1::int', [0]);
  return row?.pid ?? 0;
}

const insert = (id: number): Promise<unknown> => connections.query('insert into a values ($1)', [id]);
const rename = (id: number, through = connections): Promise<unknown> =>
  through.query(`update a set name = 'new' where id = $1`, [id]);

async function ids(): Promise<readonly number[]> {
  const rows = await connections.query<{ id: number }[]>('select id from a where id >= $1 order by id', [0]);
  return rows.map(({ id }) => id);
}

/** The row is locked for as long as the work lasts. */
async function whileLocked(id: number, work: () => Promise<void>): Promise<void> {
  const holder = database.dataSource.createQueryRunner();
  await holder.startTransaction();
  try {
    await holder.query('select 1 from a where id = $1 for update', [id]);
    await work();
  } finally {
    await holder.rollbackTransaction();
    await holder.release();
  }
}

/** Ends connections that wait for a lock. @returns their pids: one that has not ended yet is found again */
async function cutWaiting(): Promise<readonly number[]> {
  const cut = await database.dataSource.query<{ pid: number }[]>(`
    select pid, pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`);
  return cut.map(({ pid }) => pid);
}

describe('statements that come at one time', () => {
  it('go on few connections, which are all given back', async () => {
    const patient = new PipelinedConnections(pool, PATIENT_MS);
    const pids = await Promise.all(upTo(60).map(() => pidOf(patient)));
    expect(new Set(pids).size).toBe(ENOUGH);
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([ENOUGH, ENOUGH, 0]);
  });

  it('have their own answers', async () => {
    const answers = await Promise.all(
      upTo(60).map((number) => connections.query<{ number: number }[]>('select $1::int as number', [number])),
    );
    expect(answers.map(([row]) => row?.number)).toEqual(upTo(60));
  });

  it('are transactions of their own: one that fails takes none with it', async () => {
    const outcomes = await Promise.all(
      upTo(20).map((id) =>
        insert(id % 15).then(
          () => 'kept',
          (error: unknown) => sqlStateOf(error),
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'kept')).toHaveLength(15);
    expect(outcomes.filter((outcome) => outcome === '23505')).toHaveLength(5);
    expect(await ids()).toEqual(upTo(15));
    const numbers = await connections.query<{ count: number }[]>(
      'select count(distinct xmin::text)::int from a where id >= $1',
      [0],
    );
    expect(numbers).toEqual([{ count: 15 }]);
  });

  it('are not held up for long by those that wait for a lock', async () => {
    await Promise.all([insert(1), insert(2)]);
    let waiting: Promise<unknown> | undefined;
    await whileLocked(1, async () => {
      waiting = Promise.all(upTo(ENOUGH).map(() => rename(1)));
      // One that is sent behind them waits too; the next goes past them, while the lock is held.
      const passed = new AbortController();
      const behind: Promise<void>[] = [];
      while (!passed.signal.aborted) {
        behind.push(
          rename(2).then(() => {
            passed.abort();
          }),
        );
        await sleep(5);
      }
      waiting = Promise.all([waiting, ...behind]);
    });
    await waiting;
    expect(pool.idleCount).toBe(pool.totalCount);
  });
});

describe('a connection', () => {
  it('that breaks fails what is on the way, and nothing after it', async () => {
    await insert(1);
    const patient = new PipelinedConnections(pool, PATIENT_MS);
    let waiting: readonly Promise<string>[] = [];
    await whileLocked(1, async () => {
      waiting = upTo(2 * ENOUGH).map(() =>
        rename(1, patient).then(
          () => 'kept',
          () => 'failed',
        ),
      );
      const cut = new Set<number>();
      while (cut.size < ENOUGH) for (const pid of await cutWaiting()) cut.add(pid);
    });
    // Each connection had two: the one that waited, and the one behind it.
    expect(await Promise.all(waiting)).toEqual(upTo(2 * ENOUGH).map(() => 'failed'));
    await insert(2);
    expect(await ids()).toEqual([1, 2]);
  });

  it('that cannot be had is the error of who asked for it', async () => {
    const nowhere = openPool(2, 'postgres://nobody@127.0.0.1:1/nothing');
    const lost = new PipelinedConnections(nowhere);
    const outcomes = await Promise.allSettled(upTo(6).map(() => lost.query('select $1::int', [1])));
    expect(outcomes.map(({ status }) => status)).toEqual(upTo(6).map(() => 'rejected'));
    await nowhere.end();
  });

  it('is left to a transaction that waits for one, however many statements come', async () => {
    const small = openPool(1);
    const only = new PipelinedConnections(small);
    let isWanted = true;
    const stream = upTo(8).map(async () => {
      while (isWanted) await only.query('select $1::int', [1]);
    });
    const client = await small.connect();
    isWanted = false;
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    client.release();
    await Promise.all(stream);
    await small.end();
  });
});
