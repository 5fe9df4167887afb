import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Address,
  Crawler,
  Operator,
  examine,
  groupingsOf,
  mailboxColumn,
  sumCluesOf,
} from '@musubi/observers';
import { OPEN_SPACE, Planter } from './support/planter.js';

let planter: Planter;

beforeEach(async () => {
  planter = await Planter.open(4);
});

afterEach(() => planter.close());

/** Three agents who wrote to one another: who, with whom, how often. */
const CONVERSATIONS = [
  [0, 1, 5],
  [1, 2, 3],
  [2, 3, 2],
  [0, 3, 1],
] as const;

async function keepUnderOtherNames(): Promise<void> {
  await planter.db.query(
    'create table diary (holder bytea, page bytea, chapter text, line bigint, mine boolean, ink bytea)',
  );
  let line = 0;
  for (const [a, b, times] of CONVERSATIONS) {
    for (let nth = 0; nth < times; nth += 1) {
      for (const [holder, peer] of [
        [a, b],
        [b, a],
      ] as const) {
        const row = {
          page: planter.bytes(32),
          chapter: `${holder}/${peer}/chapter`,
          line: (line += 1),
          mine: holder === a,
        };
        await planter.insert('diary', { holder: planter.key(holder), ...row, ink: planter.bytes(200) });
      }
    }
  }
}

async function slotsUnderOtherNames(): Promise<void> {
  await planter.db.query('create table slot (place bytea, note bytea)');
  for (const [, , times] of CONVERSATIONS) {
    for (let direction = 0; direction < 2; direction += 1) {
      const place = planter.bytes(32);
      for (let nth = 0; nth < times; nth += 1)
        await planter.insert('slot', { place, note: planter.bytes(32) });
    }
  }
}

describe('an operator of tables that nobody told of', () => {
  it('finds the column that is equal over a conversation, and what is in its rows', async () => {
    await keepUnderOtherNames();
    const { owned } = await examine(new Operator(planter.db), { agents: planter.agents });
    const [grouping, ...others] = groupingsOf(owned);

    expect([grouping?.field, others]).toEqual(['diary.chapter', []]);
    expect(grouping?.groups.map(({ rows }) => rows.length)).toEqual(expect.arrayContaining([5, 3, 2, 1]));
    expect(grouping?.table.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['page', 'id'],
      ['chapter', 'id'],
      ['line', 'integer'],
      ['mine', 'flag'],
      ['ink', 'length'],
    ]);
  });

  it('finds the mailboxes whose rows are as many as the agents’ own', async () => {
    await keepUnderOtherNames();
    await slotsUnderOtherNames();
    const findings = await examine(new Operator(planter.db), { agents: planter.agents });
    const clues = sumCluesOf(findings, planter.agents.length);

    expect([clues?.mailboxes, clues?.table]).toEqual(['slot.place', 'diary']);
    expect([...(clues?.last.boxes.values() ?? [])]).toEqual([5, 5, 3, 3, 2, 2, 1, 1]);
  });
});

describe('a crawler that knows where agents are asked for contact', () => {
  it('finds mailboxes in the same column, and requests by their day', async () => {
    const [mailbox, ...bases] = [0, 1, 2].map(() => planter.bytes(32));
    const addresses = bases.map((bytes, period): Address => ({ agent: 3, period, bytes }));
    for (const base of [mailbox, mailbox, ...bases]) {
      const link = { author: planter.bytes(32), target: planter.bytes(32), hash: planter.bytes(32) };
      await planter.insert('dht_link', { space: OPEN_SPACE, seq: 4, tag: Buffer.from(''), base, ...link });
    }
    const { unnamed } = await examine(new Crawler(planter.db), { agents: planter.agents, addresses });
    const column = mailboxColumn(unnamed);

    expect([column?.field, [...(column?.boxes.values() ?? [])].map(({ length }) => length)]).toEqual([
      'dht_link.base',
      [2],
    ]);
    expect(column?.requests.map(({ agent, period }) => [agent, period])).toEqual([
      [3, 0],
      [3, 1],
    ]);
  });
});
