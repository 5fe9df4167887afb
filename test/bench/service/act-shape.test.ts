import { describe, expect, it } from '@jest/globals';
import { type TracedWrite, shapeOf } from './act-shape.js';
import { batchStatement, groupsOf, joinedStatement, parametersOf, rowStatement } from './floor-statements.js';
import { FloorWriter } from './floor-values.js';

const TABLES = new Map([
  [
    'head',
    {
      name: 'head',
      columns: [
        { name: 'author', type: 'bytea', isKey: true },
        { name: 'seq', type: 'integer', isKey: false },
        { name: 'hash', type: 'bytea', isKey: false },
        { name: 'note', type: 'text', isKey: false },
      ],
    },
  ],
]);

/** The head moves from `seq` to the next. */
function move(tx: string, seq: number, hashes: readonly [string, string]): TracedWrite {
  const row = (at: number, hash: string) => ({ author: '\\xaaaa', seq: String(at), hash, note: null });
  return {
    tx,
    op: 'UPDATE',
    table: 'head',
    row: row(seq + 1, hashes[1]),
    before: row(seq, hashes[0]),
  };
}

describe('the shape of an act', () => {
  const shape = shapeOf(TABLES, [[move('1', 4, ['\\x00', '\\x01'])], [move('2', 6, ['\\x01', '\\x02'])]]);
  const [write] = shape?.transactions[0] ?? [];

  it('tells what stands, counts on, or is new in each act', () => {
    expect(shape).toMatchObject({ rows: 1, bytes: 2 + 1 + 1 });
    expect(write?.columns.map(({ value }) => value)).toEqual([
      { kind: 'standing', name: '\\xaaaa', bytes: 2 },
      { kind: 'counting', first: 7n, step: 2n },
      { kind: 'fresh', name: '\\x02', bytes: 1 },
      { kind: 'same', text: null },
    ]);
    expect(write?.standing?.[1]?.value).toEqual({ kind: 'counting', first: 6n, step: 2n });
  });

  it('is none when two acts did not write alike', () => {
    const one = move('1', 4, ['\\x00', '\\x01']);
    const further = move('1', 5, ['\\x01', '\\x02']);

    expect(shapeOf(TABLES, [[one], [one, further]])).toBeNull();
    // As many writes, in two transactions instead of one.
    expect(
      shapeOf(TABLES, [
        [one, further],
        [one, { ...further, tx: '2' }],
      ]),
    ).toBeNull();
  });

  it('becomes one statement for a row and for many', () => {
    if (write === undefined) throw new Error('no write');
    const [group] = groupsOf([write]);
    if (group === undefined) throw new Error('no group');

    expect(rowStatement(group)).toBe('update head set seq = $2,hash = $3 where author = $1');
    expect(batchStatement(group)).toBe(
      'update head set seq = given.seq,hash = given.hash' +
        ' from unnest($1::bytea[],$2::integer[],$3::bytea[]) as given (author,seq,hash)' +
        ' where head.author = given.author',
    );
    expect(joinedStatement([group, group])).toBe(
      'with w0 as (update head set seq = $2,hash = $3 where author = $1 returning 1),' +
        'w1 as (update head set seq = $5,hash = $6 where author = $4 returning 1)' +
        ' select ((select count(*) from w0) + (select count(*) from w1))::int as rows',
    );
    const inserts = groupsOf([
      { ...write, op: 'INSERT' },
      { ...write, op: 'INSERT' },
      { ...write, op: 'DELETE' },
    ]);
    expect(inserts.map((each) => rowStatement(each))).toEqual([
      'insert into head (author,seq,hash,note) values ($1,$2,$3,$4),($5,$6,$7,$8)',
      'delete from head where author = $1',
    ]);
  });

  it('is filled with bytes that are new in each act, and counts that go on', () => {
    if (write === undefined) throw new Error('no write');
    const writer = new FloorWriter();
    const act = () => {
      writer.begin();
      return [writer.valuesOf(parametersOf(write)), writer.valuesOf(parametersOf(write))] as const;
    };
    const [first, again] = act();
    const [next] = act();

    expect(again).toEqual(first);
    expect(first.map((value) => (Buffer.isBuffer(value) ? value.length : value))).toEqual([2, '9', 1]);
    expect([next[0], next[1]]).toEqual([first[0], '11']);
    expect(next[2]).not.toBe(first[2]);
  });
});
