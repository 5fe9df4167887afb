import { afterEach, describe, expect, it } from '@jest/globals';
import {
  expectNoSchemaDrift,
  openTestDatabase,
  SchemaDriftError,
  type TestDatabase,
  TestServerMissingError,
} from '@musubi/database/testing';
import { counterParts } from './support/counter.parts.js';

const opened: TestDatabase[] = [];

async function open(): Promise<TestDatabase> {
  const database = await openTestDatabase(counterParts, { poolSize: 2 });
  opened.push(database);
  return database;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

describe('openTestDatabase', () => {
  it('gives each caller a database of its own, migrated', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    await one.dataSource.query('update counter set value = 7 where id = 1');
    expect(await other.dataSource.query('select value from counter where id = 1')).toEqual([{ value: 0 }]);
  });

  it('drops it on close, also while clients are connected', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const left = one.dataSource.createQueryRunner();
    await left.query('select 1');
    await one.close();
    await one.close();
    const name = new URL(one.url).pathname.slice(1);
    expect(await other.dataSource.query('select from pg_database where datname = $1', [name])).toEqual([]);
  });

  it('says how to get a server when there is none', async () => {
    const url = process.env['MUSUBI_TEST_DATABASE_URL'];
    delete process.env['MUSUBI_TEST_DATABASE_URL'];
    try {
      const refused = openTestDatabase(counterParts);
      await expect(refused).rejects.toThrow(TestServerMissingError);
      await expect(refused).rejects.toThrow('DATABASE_URL');
    } finally {
      process.env['MUSUBI_TEST_DATABASE_URL'] = url;
    }
  });
});

describe('expectNoSchemaDrift', () => {
  it('accepts a database that the migrations brought to what the schemas say', async () => {
    const { dataSource } = await open();
    await expect(expectNoSchemaDrift(dataSource)).resolves.toBeUndefined();
  });

  it('lists what is missing from one that they did not', async () => {
    const { dataSource } = await open();
    await dataSource.query('alter table counter drop column value');
    await expect(expectNoSchemaDrift(dataSource)).rejects.toThrow(SchemaDriftError);
    await expect(expectNoSchemaDrift(dataSource)).rejects.toThrow('ALTER TABLE "counter" ADD "value"');
  });
});
