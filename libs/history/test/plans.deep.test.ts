import { beforeAll, describe, expect, it } from '@jest/globals';
import { explainReads } from '@musubi/testing';
import { type Cursor, type MessageId, type PageAnchor, dayOf, ofDay } from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';
import { NOON, type OpenHistory, lentArchive, letter } from './support/archive.js';

const ROWS = 100_000;

/** Copies of the first row, older than any real one, in forty conversations of which one is Bob's. */
const FILL = `
  insert into history (holder, placement, key, conversation, position, is_deleted, sealed)
  select holder, placement, sha256(('m' || n)::bytea),
    case when n % 40 = 0 then conversation else sha256(('c' || n % 40)::bytea) end,
    n, n % 50 = 1, sealed
  from history, generate_series(1, $1::int) as n`;

/** Marks of ten agents, of whom one is Alice. */
const FILL_MARKS = `
  insert into unread_mark (holder, placement, key, conversation)
  select case when n % 10 = 0 then holder else sha256(('a' || n % 10)::bytea) end, placement,
    substr(sha256(('m' || n)::bytea), 1, 16), substr(sha256(('c' || n)::bytea), 1, 16)
  from unread_mark, generate_series(1, $1::int) as n`;

const FILL_RECEIPTS = `
  insert into receipt (holder, key, status, sealed)
  select holder, sha256(('m' || n)::bytea), rank, sealed
  from receipt, generate_series(1, $1::int) as n, generate_series(0, 2) as rank`;

/** Every tenth message is pinned, and every other fifth was. */
const FILL_PINS = `
  insert into pin (holder, placement, key, statement, conversation, position, is_pinned, sealed)
  select holder, placement, key, sha256(key), conversation, position, position % 10 = 0, sealed
  from history where position % 5 = 0`;

describe(`the plan of a page of ${ROWS} messages`, () => {
  const archive = lentArchive();
  let opened: OpenHistory;
  let message: MessageId;
  let cursor: Cursor;

  beforeAll(async () => {
    const [alice, bob] = archive().agents;
    opened = archive().open();
    await opened.add(alice, letter({ from: bob, to: alice, after: -1 }));
    await opened.history.db.query(FILL, [ROWS]);
    await opened.history.db.query(FILL_MARKS, [ROWS]);
    await opened.history.db.query(FILL_RECEIPTS, [ROWS]);
    await opened.history.db.query(FILL_PINS);
    const drafts = Array.from({ length: 30 }, (_, after) => letter({ from: bob, to: alice, after }));
    for (const draft of drafts) await opened.add(alice, draft);
    message = messageIdOf(drafts[15] ?? letter({ from: bob, to: alice }));
    const { next } = await opened.reader.list(alice.agent, { anchor: { at: 'latest' }, limit: 10 });
    cursor = next ?? '';
  });

  function planOf(anchor: PageAnchor, withBob: boolean): Promise<string> {
    const [alice, bob] = archive().agents;
    const query = { ...(withBob ? { with: bob.agent } : {}), anchor, limit: 10 };
    return explainReads(opened.history.db, () => opened.reader.list(alice.agent, query));
  }

  const ANCHORS: Readonly<Record<PageAnchor['at'], () => PageAnchor>> = {
    latest: () => ({ at: 'latest' }),
    before: () => ({ at: 'before', cursor }),
    after: () => ({ at: 'after', cursor }),
    around: () => ({ at: 'around', message }),
    span: () => ofDay(dayOf(NOON)),
  };
  const scopes = Object.entries(ANCHORS).flatMap(([at, anchor]) => [
    { at, anchor, withBob: false, index: 'history_by_position' },
    { at, anchor, withBob: true, index: 'history_by_conversation' },
  ]);

  describe.each(scopes)('for $at (with a peer: $withBob)', ({ anchor, withBob, index }) => {
    let plan: string;
    beforeAll(async () => {
      plan = await planOf(anchor(), withBob);
    });

    it(`reads ${index}`, () => {
      expect(plan).toMatch(new RegExp(`Index (Only )?Scan.* using ${index} on history`));
    });

    it('reads no table through', () => {
      expect(plan).not.toContain('Seq Scan');
    });

    it('sorts nothing', () => {
      expect(plan.split('\n').filter((line) => /Sort Key: .*position/.test(line))).toEqual([]);
    });
  });

  it('reads one range of the pins of a conversation, and sorts nothing', async () => {
    const [alice, bob] = archive().agents;
    const query = { with: bob.agent, pinned: true, anchor: { at: 'latest' }, limit: 10 } as const;
    const plan = await explainReads(opened.history.db, () => opened.reader.list(alice.agent, query));
    expect(plan).toMatch(/Index (Only )?Scan.* using pin_by_conversation on pin/);
    expect(plan).not.toContain('Seq Scan');
    expect(plan.split('\n').filter((line) => /Sort Key: .*position/.test(line))).toEqual([]);
  });

  it('hops over the index for the conversations', async () => {
    const [alice] = archive().agents;
    const plan = await explainReads(opened.history.db, () =>
      opened.reader.conversations(alice.agent, { limit: 10 }),
    );
    expect(plan).not.toMatch(/Seq Scan on (history|unread_mark)/);
    expect(plan).toMatch(/(using|on) unread_mark_once/);
    expect(plan).toMatch(/Index (Only )?Scan.* using history_by_conversation on history/);
  });
});
