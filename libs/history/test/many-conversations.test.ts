import { beforeAll, describe, expect, it } from '@jest/globals';
import { explainReads } from '@musubi/testing';
import {
  type Scope,
  MANY_CONVERSATIONS,
  NEWEST,
  conversationRows,
  hoppedRows,
  walkedRows,
} from '../src/page.sql.js';
import { positionOfRow } from '../src/history-row.js';
import { type OpenHistory, lentArchive, letter } from './support/archive.js';

/** Copies of the first row in conversations of three messages, the last of which is deleted in every fifth. */
const FILL = `
  insert into history (holder, placement, key, conversation, position, is_deleted, sealed)
  select holder, placement, sha256(('m' || n)::bytea), sha256(('c' || n / 3)::bytea), (n * 7919) % 5003,
    n % 5 = 0, sealed
  from history, generate_series(1, $1::int) as n`;
/** And a conversation that has many of the latest. */
const FLOOD = `
  insert into history (holder, placement, key, conversation, position, is_deleted, sealed)
  select holder, placement, sha256(('f' || n)::bytea), sha256('flood'), 6000 + n, false, sealed
  from (select * from history limit 1) as first, generate_series(1, 2000) as n`;

const archive = lentArchive();
let opened: OpenHistory;
let scope: Scope;

beforeAll(async () => {
  const [alice, bob] = archive().agents;
  opened = archive().open();
  await opened.add(alice, letter({ from: bob, to: alice, after: -1 }));
  await opened.history.db.query(FILL, [3 * (MANY_CONVERSATIONS + 200)]);
  await opened.history.db.query(FLOOD);
  // As autovacuum does: without statistics the plans of both are of the wrong index.
  await opened.history.db.query('analyze history');
  scope = { holder: alice, placement: opened.history.placement, peer: undefined };
});

describe('an agent with many conversations', () => {
  it('has the same ones, whether all are looked at or the latest messages', async () => {
    const { db } = opened.history;
    const all = await hoppedRows(db, scope, { from: NEWEST, limit: 10_000 });
    expect(all.length).toBeGreaterThan(MANY_CONVERSATIONS);

    const names = (rows: typeof all): readonly string[] =>
      rows.map(({ key }) => Buffer.from(key).toString('hex'));
    for (let at = 0; at < all.length; at += 97) {
      const from = at === 0 ? NEWEST : positionOfRow(all[at - 1] as Parameters<typeof positionOfRow>[0]);
      const expected = names(all.slice(at, at + 30));
      const walked = await walkedRows(db, scope, { from, limit: 30 });
      expect(walked === null ? expected.length < 30 : names(walked)).toEqual(
        walked === null ? true : expected,
      );
      expect(names(await conversationRows(db, scope, { from, limit: 30 }))).toEqual(expected);
    }
  });

  it('has a page looked for among the messages that come to it, and no further', async () => {
    expect(
      await walkedRows(opened.history.db, scope, { from: NEWEST, limit: 30, lookedThrough: 1000 }),
    ).toBeNull();
  });

  it('has it read from an index, of which it is a range', async () => {
    const plan = await explainReads(opened.history.db, () =>
      conversationRows(opened.history.db, scope, { from: NEWEST, limit: 30 }),
    );

    expect(plan).toMatch(/Index (Only )?Scan.* using history_by_position on history/);
    expect(plan).toMatch(/Index (Only )?Scan.* using history_by_conversation on history/);
    expect(plan).not.toContain('Seq Scan on history');
    expect(plan.split('\n').filter((line) => /Sort Key: .*position/.test(line))).toEqual([]);
  });
});
