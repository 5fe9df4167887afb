import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NewerSchemaError, combineParts, createDataSource, migrate } from '@musubi/database';
import { openTestDatabase, type TestDatabase } from '@musubi/database/testing';
import { type DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { counterParts } from './support/counter.parts.js';

const ALL = ['CreateCounter1700000000000', 'FillCounter1700000000001'];

class Broken1700000000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create table halfway (id integer)');
    await queryRunner.query('select no_such_function()');
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}

let empty: TestDatabase;
const opened: DataSource[] = [];

async function openAgain(parts = counterParts): Promise<DataSource> {
  const dataSource = await createDataSource({ ...parts, url: empty.url, poolSize: 1 }).initialize();
  opened.push(dataSource);
  return dataSource;
}

beforeAll(async () => {
  empty = await openTestDatabase({ entities: [], migrations: [] });
});
afterAll(async () => {
  await Promise.all(opened.map((dataSource) => dataSource.destroy()));
  await empty.close();
});

describe('migrate', () => {
  it('applies each migration once when processes start at the same moment', async () => {
    const dataSources = await Promise.all([openAgain(), openAgain(), openAgain()]);
    const applied = await Promise.all(dataSources.map(migrate));
    expect(applied.flat()).toEqual(ALL);
    expect(await empty.dataSource.query('select name from migrations order by id')).toEqual(
      ALL.map((name) => ({ name })),
    );
  });

  it('has nothing to do the second time', async () => {
    expect(await migrate(await openAgain())).toEqual([]);
  });

  it('leaves nothing behind of a migration that fails, and gives the lock back', async () => {
    const broken = { entities: [], migrations: [...counterParts.migrations, Broken1700000000002] };
    await expect(migrate(await openAgain(broken))).rejects.toThrow('no_such_function');
    expect(await empty.dataSource.query(`select to_regclass('halfway') as found`)).toEqual([{ found: null }]);
    expect(await migrate(await openAgain())).toEqual([]);
  });

  it('refuses a schema of a newer version, and writes nothing', async () => {
    const [fill, later] = [counterParts.migrations.slice(1), 'AddColour1800000000000'];
    const older = { entities: [], migrations: fill };
    await expect(migrate(await openAgain(older))).rejects.toThrow(NewerSchemaError);
    await empty.dataSource.query(`insert into migrations (timestamp, name) values (1800000000000, $1)`, [
      later,
    ]);
    class AddShape1900000000000 extends Broken1700000000002 {}
    const parts = { entities: [], migrations: [...counterParts.migrations, AddShape1900000000000] };

    await expect(migrate(await openAgain(parts))).rejects.toThrow(later);

    expect(await empty.dataSource.query(`select to_regclass('halfway') as found`)).toEqual([{ found: null }]);
    await empty.dataSource.query('delete from migrations where name = $1', [later]);
  });

  it('leaves the connection with its own time limits', async () => {
    const dataSource = await openAgain();
    await migrate(dataSource);
    expect(await dataSource.query('show lock_timeout')).toEqual([{ lock_timeout: '5s' }]);
  });
});

describe('combineParts', () => {
  it('counts a part once that two packages bring', () => {
    expect(combineParts(counterParts, counterParts)).toEqual(counterParts);
  });
});
