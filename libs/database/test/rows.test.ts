import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Rows,
  RowsStatement,
  transact,
  violatedConstraint,
  writeAtOnce,
  writeInTurn,
} from '@musubi/database';
import { openTestDatabase, type TestDatabase } from '@musubi/database/testing';

const PUT_A = new RowsStatement('insert into a select * from unnest($1::int[], $2::text[])');
const PUT_B = new RowsStatement('insert into b select * from unnest($1::int[])');
const PUT_A_AND_B = new RowsStatement(
  'insert into a select * from unnest($1::int[], $2::text[]) on conflict do nothing returning id',
  'insert into b select id + 100 from $before',
);
const RAISE_A = new RowsStatement(
  `update a set name = a.name || '!' from unnest($1::int[]) as raised (id) where a.id = raised.id`,
);

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ entities: [], migrations: [] });
  await database.dataSource.query(
    'create table a (id int constraint a_once primary key, name text); create table b (id int constraint b_once primary key)',
  );
});
afterAll(() => database.close());
beforeEach(() => database.dataSource.query('truncate a, b'));

const a = (...rows: readonly (readonly [number, string])[]): Rows => ({ statement: PUT_A, rows });
const b = (...ids: readonly number[]): Rows => ({ statement: PUT_B, rows: ids.map((id) => [id]) });

async function all(sql: string): Promise<readonly unknown[]> {
  return database.dataSource.query<unknown[]>(sql);
}

async function content(): Promise<unknown> {
  return { a: await all('select * from a order by id'), b: await all('select * from b order by id') };
}

describe('rows written at once', () => {
  it('go to their tables, those of one statement together', async () => {
    await writeAtOnce(database.dataSource, [a([1, 'one']), b(5), a([2, 'two']), b(6, 7)]);
    expect(await content()).toEqual({
      a: [
        { id: 1, name: 'one' },
        { id: 2, name: 'two' },
      ],
      b: [{ id: 5 }, { id: 6 }, { id: 7 }],
    });
  });

  it('go to two tables where the second takes what the first returns', async () => {
    const both = (...rows: readonly (readonly [number, string])[]): Rows => ({
      statement: PUT_A_AND_B,
      rows,
    });
    await writeAtOnce(database.dataSource, [both([1, 'one'])]);
    await writeAtOnce(database.dataSource, [b(7), both([1, 'again'], [2, 'two']), b(8)]);
    await transact(database.dataSource, (tx) => writeInTurn(tx, [both([3, 'three'])]));

    expect(await content()).toEqual({
      a: [
        { id: 1, name: 'one' },
        { id: 2, name: 'two' },
        { id: 3, name: 'three' },
      ],
      b: [{ id: 7 }, { id: 8 }, { id: 101 }, { id: 102 }, { id: 103 }],
    });
  });

  it.each([1, 2, 3, 100])('are read alike from lists of %i', async (count) => {
    const rename = new RowsStatement(`
      update a set name = renamed.name
      from unnest($1::int[], $2::text[])
        as renamed (id, name)
      where a.id = renamed.id and renamed.id = any($1::int[])`);
    const named = (name: string) => Array.from({ length: count }, (_, id) => [id, `${name} ${id}`] as const);
    await writeAtOnce(database.dataSource, [a(...named('old'))]);
    await writeAtOnce(database.dataSource, [{ statement: rename, rows: named('new') }, b(0)]);

    expect(await all('select id, name from a order by id')).toEqual(
      named('new').map(([id, name]) => ({ id, name })),
    );
  });

  it('are kept all or none', async () => {
    await writeAtOnce(database.dataSource, [b(1)]);
    const refused = writeAtOnce(database.dataSource, [a([1, 'one']), b(2, 1)]).catch(violatedConstraint);
    expect(await refused).toBe('b_once');
    expect(await content()).toEqual({ a: [], b: [{ id: 1 }] });
  });

  it('do not see one another', async () => {
    await writeAtOnce(database.dataSource, [a([1, 'one']), { statement: RAISE_A, rows: [[1]] }]);
    expect(await content()).toEqual({ a: [{ id: 1, name: 'one' }], b: [] });
  });

  it('need no statement when there are none', async () => {
    await writeAtOnce({ query: () => Promise.reject(new Error('asked')) }, [a(), b()]);
    expect(await content()).toEqual({ a: [], b: [] });
  });
});

describe('rows written in turn', () => {
  it('see those before them', async () => {
    await transact(database.dataSource, (tx) =>
      writeInTurn(tx, [a([1, 'one']), { statement: RAISE_A, rows: [[1]] }]),
    );
    expect(await content()).toEqual({ a: [{ id: 1, name: 'one!' }], b: [] });
  });

  it('fail with the error of the first that is refused', async () => {
    const refused = transact(database.dataSource, (tx) =>
      writeInTurn(tx, [a([1, 'one'], [1, 'uno']), b(1, 1)]),
    );
    expect(await refused.catch(violatedConstraint)).toBe('a_once');
    expect(await content()).toEqual({ a: [], b: [] });
  });
});

describe('a column of bytes', () => {
  const PUT = new RowsStatement('insert into c select * from unnest($1::int[], $2::bytea[])');

  beforeAll(() => database.dataSource.query('create table c (id int, bytes bytea)'));

  it('comes back as it was, be it empty, long, a view into other bytes, or missing', async () => {
    const view = new Uint8Array(100).fill(7).subarray(40, 45);
    const values = [new Uint8Array(), randomBytes(70_000), view, null, Buffer.from('\\x{"},NULL')];
    const rows = values.map((value, id) => [id, value]);

    await writeAtOnce(database.dataSource, [{ statement: PUT, rows }]);
    await writeAtOnce(database.dataSource, [{ statement: PUT, rows: [[5, null]] }]);

    const found = await database.dataSource.query<{ bytes: Buffer | null }[]>(
      'select bytes from c order by id',
    );
    const expected = [...values, null].map((value) => (value === null ? null : Buffer.from(value)));
    expect(found.map(({ bytes }) => bytes)).toEqual(expected);
  });
});
