import { afterAll, beforeAll } from '@jest/globals';
import { type TestDatabase } from '@musubi/database/testing';
import { openCellDatabase } from './chains.js';

/** One database for a file's cases, which keep apart by writing as different agents. */
export function lentDatabase(): () => TestDatabase {
  let database: TestDatabase | undefined;
  beforeAll(async () => {
    database = await openCellDatabase();
  });
  afterAll(() => database?.close());
  return () => {
    if (database === undefined) throw new Error('the database is open only while cases run');
    return database;
  };
}
