import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { cellDatabase } from '@musubi/cell';
import { createDataSource } from '@musubi/database';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { startEmbeddedPostgres } from '@musubi/embedded-postgres';
import { CommitLog } from '@musubi/observers';
import { type DataSource } from 'typeorm';

let database: TestDatabase;

/** On one connection, so that a role that it takes on is that of all that follows. */
async function openQuiet(): Promise<DataSource> {
  database = await openTestDatabase(cellDatabase, { poolSize: 1 });
  await database.dataSource.query('create table quiet (name text)');
  return database.dataSource;
}

async function valueOf(db: DataSource, sql: string): Promise<string> {
  const [row] = await db.query<{ value: string }[]>(`select (${sql})::text as value`);
  return row?.value ?? '';
}

const logFromNow = async (db: DataSource): Promise<CommitLog> =>
  new CommitLog(db, await valueOf(db, 'pg_current_wal_insert_lsn()'));

async function transactionOf(db: DataSource, name: string): Promise<number> {
  return Number(await valueOf(db, `select xmin from quiet where name = '${name}'`));
}

const microseconds = async (db: DataSource): Promise<number> =>
  Number(await valueOf(db, '(extract(epoch from clock_timestamp()) * 1000000)::bigint'));

describe('the log of commits', () => {
  afterEach(() => database.close());

  it('tells of a table without a clock when each row was committed, to the microsecond', async () => {
    const db = await openQuiet();
    const log = await logFromNow(db);
    const times: number[] = [await microseconds(db)];
    for (const name of ['one', 'two']) {
      await db.query('insert into quiet values ($1)', [name]);
      times.push(await microseconds(db));
    }
    await log.readOn();
    const found = [await transactionOf(db, 'one'), await transactionOf(db, 'two')].map((xid) =>
      log.timeOf(xid),
    );

    expect(log.unreadable).toBeNull();
    expect(found[0]).toBeGreaterThan(times[0] ?? Infinity);
    expect(found[0]).toBeLessThan(times[1] ?? 0);
    expect(found[1]).toBeGreaterThan(times[1] ?? Infinity);
    expect(found[1]).toBeLessThan(times[2] ?? 0);
  });

  it('tells it of rows that were written behind a savepoint, and of none that were rolled back', async () => {
    const db = await openQuiet();
    const log = await logFromNow(db);
    await db.transaction(async (tx) => {
      await tx.query(`insert into quiet values ('outer')`);
      await tx.transaction((inner) => inner.query(`insert into quiet values ('inner')`));
    });
    const [outer, inner] = [await transactionOf(db, 'outer'), await transactionOf(db, 'inner')];
    const runner = db.createQueryRunner();
    await runner.startTransaction();
    const [row] = await runner.manager.query<{ xid: string }[]>('select pg_current_xact_id()::text as xid');
    await runner.rollbackTransaction();
    await runner.release();
    await log.readOn();

    expect(inner).not.toBe(outer);
    expect(log.timeOf(inner)).toBe(log.timeOf(outer));
    expect(log.timeOf(outer)).toBeDefined();
    expect(Number(row?.xid)).toBeGreaterThan(outer);
    expect(log.timeOf(Number(row?.xid))).toBeUndefined();
  });

  it('reads on from where it was, and finds nothing where nothing happened', async () => {
    const db = await openQuiet();
    const log = await logFromNow(db);
    await log.readOn();
    await db.query(`insert into quiet values ('early')`);
    await log.readOn();
    const early = log.timeOf(await transactionOf(db, 'early'));
    await log.readOn();
    await db.query(`insert into quiet values ('late')`);
    const late = await transactionOf(db, 'late');
    expect(log.timeOf(late)).toBeUndefined();
    await log.readOn();

    expect(log.timeOf(late)).toBeGreaterThan(early ?? Infinity);
    expect(log.timeOf(await transactionOf(db, 'early'))).toBe(early);
  });

  it('says that it is not readable, and goes on, where the extension is missing or reading not allowed', async () => {
    const db = await openQuiet();
    const log = await logFromNow(db);
    await db.query('set role pg_monitor');
    await log.readOn();
    expect(log.unreadable).toBe('no-extension');

    await db.query('reset role');
    await db.query('create extension pg_walinspect');
    await db.query('set role pg_monitor');
    const other = await logFromNow(db);
    await other.readOn();
    await other.readOn();
    expect(other.unreadable).toBe('not-permitted');
    expect(other.timeOf(1)).toBeUndefined();
  });
});

describe('a log that the server has recycled', () => {
  it('is read from where it still is, and the rest has no times', async () => {
    // A server of its own: nobody else's log may go away.
    const dataDir = await mkdtemp(join(tmpdir(), 'musubi-observers-'));
    const server = await startEmbeddedPostgres({ dataDir });
    const parts = { entities: [], migrations: [], url: server.url, poolSize: 1 };
    const db = await createDataSource(parts).initialize();
    try {
      await db.query('create table quiet (name text)');
      const log = await logFromNow(db);
      await db.query(`insert into quiet values ('gone')`);
      for (let times = 0; times < 2; times += 1) {
        await db.query('select pg_switch_wal()');
        await db.query('checkpoint');
      }
      await db.query(`insert into quiet values ('kept')`);
      await log.readOn();

      expect(log.unreadable).toBeNull();
      expect(log.timeOf(await transactionOf(db, 'gone'))).toBeUndefined();
      expect(log.timeOf(await transactionOf(db, 'kept'))).toBeDefined();
    } finally {
      await db.destroy();
      await server.stop('immediate');
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
