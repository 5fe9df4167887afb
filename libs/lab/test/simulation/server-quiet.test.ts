import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '@musubi/database/testing';
import { whenServerQuiet } from '../../src/simulation/server-quiet.js';

const NEVER_MS = 600_000;

let own: TestDatabase;
let foreign: TestDatabase;

beforeAll(async () => {
  [own, foreign] = [
    await openTestDatabase({ entities: [], migrations: [] }),
    await openTestDatabase({ entities: [], migrations: [] }),
  ];
});

afterAll(async () => {
  await Promise.all([own.close(), foreign.close()]);
});

describe('a wait for a quiet server', () => {
  it('lasts as long as a transaction of another database', async () => {
    const other = foreign.dataSource.createQueryRunner();
    await other.startTransaction();
    await other.query('select pg_current_xact_id()');
    await own.dataSource.query('select pg_current_xact_id()');
    expect(await whenServerQuiet(own.dataSource, 0)).toBe(false);

    const quiet = whenServerQuiet(own.dataSource, NEVER_MS);
    await other.commitTransaction();
    await other.release();

    expect(await quiet).toBe(true);
  });
});
