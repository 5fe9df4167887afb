import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Listening, combineParts, listen } from '@musubi/database';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { until, untilEqual } from '../../../test/support/until.js';

const CHANNEL = 'Any channel';

let database: TestDatabase;
let listening: Listening;
let heard: number;

beforeEach(async () => {
  database = await openTestDatabase(combineParts());
  heard = 0;
  listening = listen({
    url: database.url,
    channel: CHANNEL,
    onNotify: () => {
      heard += 1;
    },
  });
  await untilHeard(1);
});

afterEach(async () => {
  await listening.close();
  await database.close();
});

const untilHeard = (times: number): Promise<number> => untilEqual(times, () => Promise.resolve(heard));

const notify = (channel = CHANNEL): Promise<unknown> =>
  database.dataSource.query(`select pg_notify($1, '')`, [channel]);

/** The connections that listen to this database just now. */
async function listeners(): Promise<readonly number[]> {
  const rows = await database.dataSource.query<{ pid: number }[]>(
    `select pid from pg_stat_activity where datname = current_database() and application_name = 'musubi-listener'`,
  );
  return rows.map(({ pid }) => pid);
}

describe('a listener', () => {
  it('is called once when it has connected, and for each notification of its channel', async () => {
    await notify('another channel');
    await notify();

    await untilHeard(2);
  });

  it('is called after the commit, once for all that one transaction says', async () => {
    let heardBefore = heard;
    await database.dataSource.transaction(async (tx) => {
      for (let count = 0; count < 5; count += 1) await tx.query(`select pg_notify($1, '')`, [CHANNEL]);
      heardBefore = heard;
    });
    await notify();

    await untilHeard(3);
    expect(heardBefore).toBe(1);
  });

  it('connects again after its connection broke, and is called for what it may have missed', async () => {
    const [pid] = await listeners();
    await database.dataSource.query('select pg_terminate_backend($1)', [pid]);

    await untilHeard(2);
    await notify();

    await untilHeard(3);
    // It may still be ending.
    await until(async () => {
      expect(await listeners()).not.toContain(pid);
    });
  });

  it('leaves no connection behind when it is closed', async () => {
    await listening.close();

    await until(async () => {
      expect(await listeners()).toEqual([]);
    });
  });

  it('can be closed before it ever connected', async () => {
    const nowhere = listen({ url: 'postgres://127.0.0.1:1/x', channel: CHANNEL, onNotify: () => undefined });

    await expect(nowhere.close()).resolves.toBeUndefined();
  });
});
