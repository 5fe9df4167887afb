import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from '@musubi/crypto';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { serviceDatabase } from '../src/node/database.js';
import { AddSessions1764100100000 } from '../src/schema/add-sessions.js';
import { CompareNicknames1764100700000 } from '../src/schema/compare-nicknames.js';

const TOKENS = 3;
const NICKNAMES = ['J\u00dcRGEN', 'Zu\u0308rich\n', '\u200b', ''];

let database: TestDatabase;

/** Rows as they were stored before these migrations, brought up to date. */
beforeAll(async () => {
  database = await openTestDatabase(serviceDatabase);
  const { dataSource } = database;
  const runner = dataSource.createQueryRunner();
  const migrations = [new CompareNicknames1764100700000(), new AddSessions1764100100000()];
  for (const migration of migrations) await migration.down(runner);
  for (const isAttended of [true, false]) {
    const agent = Buffer.from(randomBytes(32));
    const key = 'insert into agent_key (agent, sealed, is_attended) values ($1, $2, $3)';
    await dataSource.query(key, [agent, Buffer.from(randomBytes(72)), isAttended]);
    for (let token = 0; token < TOKENS; token += 1) {
      const row = [Buffer.from(randomBytes(32)), agent];
      await dataSource.query('insert into access_token (hash, agent) values ($1, $2)', row);
    }
  }
  for (const nickname of NICKNAMES) {
    const row = [Buffer.from(randomBytes(32)), nickname];
    await dataSource.query('insert into directory (agent, nickname) values ($1, $2)', row);
  }
  for (const migration of migrations.toReversed()) await migration.up(runner);
  await runner.release();
});

afterAll(() => database.close());

describe('data of before', () => {
  it('has sessions with ids and an order of their own, which begin now', async () => {
    const [row] = await database.dataSource.query<Record<string, unknown>[]>(`
      select count(distinct id)::int as ids, count(distinct seq)::int as seqs,
        count(*) filter (where is_attended)::int as attended,
        bool_and(abs(created_at / 1e6 - extract(epoch from now())) < 600 and used_at = created_at) as begins_now
      from access_token`);

    expect(row).toEqual({ ids: 2 * TOKENS, seqs: 2 * TOKENS, attended: TOKENS, begins_now: true });
  });

  it('has nicknames as they were, which are found as new ones are', async () => {
    const rows = await database.dataSource.query<{ nickname: string; compared: string }[]>(
      'select nickname, compared from directory',
    );

    const compared = new Map(rows.map((row) => [row.nickname, row.compared]));
    expect(Object.fromEntries(compared)).toEqual({
      'J\u00dcRGEN': 'j\u00fcrgen',
      'Zu\u0308rich\n': 'z\u00fcrich',
      '\u200b': '\u200b',
      '': '',
    });
  });
});
