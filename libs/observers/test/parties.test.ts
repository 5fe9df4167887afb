import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ActionRow, authoritiesOf, hashFrom, opsOf, signedActionFrom } from '@musubi/cell';
import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { Crawler, type HeldRow, Operator, ShareHolder, WholeDisk, Wiretap, examine } from '@musubi/observers';
import { parseAgentPubKey, parseTimestamp } from '@musubi/messaging';
import { Planter, SECRET_SPACE } from './support/planter.js';
import { rowsHeldBy } from './support/rows.js';

const AGENTS = 9;

let planter: Planter;

beforeEach(async () => {
  planter = await Planter.open(AGENTS);
  await planter.create(0, { visibility: 'private', body: Buffer.from('a private body') });
  await planter.create(1, { visibility: 'public', body: Buffer.from('a public body') });
  await planter.link(2, {});
  await planter.join(3, SECRET_SPACE);
  await planter.create(3, {
    space: SECRET_SPACE,
    visibility: 'public',
    body: Buffer.from('a body in a clone'),
  });
  const published = { space: (await rowsHeldBy(new Crawler(planter.db)))[0]?.values['space'] };
  await planter.insert('dht_entry', { ...published, hash: planter.bytes(32), body: Buffer.from('a letter') });
  const linked = { base: planter.bytes(32), author: planter.bytes(32), seq: 4, target: planter.bytes(32) };
  await planter.insert('dht_link', {
    ...published,
    ...linked,
    tag: Buffer.from(''),
    hash: planter.bytes(32),
  });
});

afterEach(() => planter.close());

function bodiesIn(rows: readonly HeldRow[]): string[] {
  return rows.flatMap(({ values: { body } }) =>
    body instanceof Uint8Array ? [Buffer.from(body).toString()] : [],
  );
}

const tally = (rows: readonly HeldRow[], table: string): number =>
  rows.filter((row) => row.table === table).length;

/** A row told from others. */
const nameOf = ({ table, values }: HeldRow): string =>
  `${table} ${values['hash'] instanceof Uint8Array ? toBase64Url(values['hash']) : ''}`;

describe('a crawler', () => {
  it('reads every action, link and public entry of the open space, and nothing of a clone', async () => {
    const rows = await rowsHeldBy(new Crawler(planter.db));

    expect([tally(rows, 'action'), tally(rows, 'dht_link'), tally(rows, 'dht_entry')]).toEqual([
      AGENTS + 3,
      1,
      2,
    ]);
    expect(bodiesIn(rows).sort()).toEqual(['a letter', 'a public body']);
  });
});

describe('a stranger with its share', () => {
  const shareOf = (agent: number, redundancy: number): ShareHolder => {
    const { agents, db } = planter;
    return new ShareHolder(db, { agent: agents[agent] ?? parseAgentPubKey(''), agents, redundancy });
  };

  it('holds the actions of which it is an authority', async () => {
    const actions = await planter.db.query<ActionRow[]>('select * from action where space <> $1', [
      SECRET_SPACE,
    ]);
    for (const [agent, key] of planter.agents.entries()) {
      const held = await rowsHeldBy(shareOf(agent, 2));
      const expected = actions.filter((row) =>
        opsOf(signedActionFrom(row)).some(({ basis }) =>
          authoritiesOf(basis, planter.agents, 2).includes(key),
        ),
      );
      expect(
        held
          .filter(({ table }) => table === 'action')
          .map(nameOf)
          .sort(),
      ).toEqual(expected.map(({ hash }) => `action ${toBase64Url(hash)}`).sort());
    }
  });

  it('holds with the others what a crawler finds, each thing as often as the redundancy or more', async () => {
    const all = (await rowsHeldBy(new Crawler(planter.db))).map(nameOf).sort();
    const shares = await Promise.all(planter.agents.map(async (_, agent) => rowsHeldBy(shareOf(agent, 2))));
    const held = shares.flat().map(nameOf);

    expect([...new Set(held)].sort()).toEqual(all);
    for (const name of all) expect(held.filter((each) => each === name).length).toBeGreaterThanOrEqual(2);
    expect(held.length).toBeLessThan(all.length * AGENTS);
  });

  it('holds a public entry with its record, even where the entry’s hash belongs to others', async () => {
    const [row] = await planter.db.query<ActionRow[]>(
      `select * from action where visibility = 'public' and space <> $1`,
      [SECRET_SPACE],
    );
    if (row?.entry_hash == null) throw new Error('nothing is public');
    const [ofRecord] = authoritiesOf(hashFrom(row.hash), planter.agents, 1);
    const [ofEntry] = authoritiesOf(hashFrom(row.entry_hash), planter.agents, 1);
    expect(ofRecord).not.toBe(ofEntry);

    for (const key of [ofRecord, ofEntry]) {
      const holder = planter.agents.findIndex((agent) => agent === key);
      expect(bodiesIn(await rowsHeldBy(shareOf(holder, 1)))).toContain('a public body');
    }
  });
});

describe('an operator', () => {
  it('reads every column of every table, also of one that nobody told of', async () => {
    await planter.db.query('create table "Odd Name" (holder bytea, remark text)');
    await planter.insert('"Odd Name"', { holder: planter.key(0), remark: 'hello' });
    const rows = await rowsHeldBy(new Operator(planter.db));

    expect(rows.find(({ table }) => table === 'Odd Name')?.values).toMatchObject({ remark: 'hello' });
    expect(bodiesIn(rows).sort()).toEqual([
      'a body in a clone',
      'a letter',
      'a private body',
      'a public body',
    ]);
  });

  it('reads more rows than are fetched at once', async () => {
    await planter.db.query('create table many as select generate_series(1, 4500) as number');
    const rows = (await rowsHeldBy(new Operator(planter.db))).filter(({ table }) => table === 'many');
    expect(rows.map(({ values }) => values['number'])).toEqual(
      Array.from({ length: 4500 }, (_, index) => index + 1),
    );
  });
});

describe('a reading whose connection breaks', () => {
  it('fails by that, and not by the end of its transaction', async () => {
    const rows = new Operator(planter.db).rows();
    await rows.next();
    await planter.db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );

    const read = async (): Promise<void> => {
      for await (const row of rows) expect(row.table).not.toBe('');
    };
    await expect(read()).rejects.toThrow(/connection/i);
  });
});

describe('who has the whole disk', () => {
  it('knows the order of transactions, and which rows are of one', async () => {
    await planter.db.query('create table quiet (holder bytea, sealed bytea)');
    await planter.insert('quiet', { holder: planter.key(0) });
    await planter.db.query('insert into quiet (holder) values ($1), ($2)', [planter.key(1), planter.key(2)]);
    const quiet = (await rowsHeldBy(new WholeDisk(planter.db))).filter(({ table }) => table === 'quiet');
    const [first, second, third] = quiet.map(({ at }) => at ?? 0);

    expect(quiet.map(({ values }) => Object.keys(values))).toContainEqual(['holder', 'sealed']);
    expect(second).toBeGreaterThan(first ?? 0);
    expect(third).toBe(second);
  });
});

describe('what is looked at', () => {
  it('are acts from a time on, one for all that an agent writes at once', async () => {
    const before = await examine(new Crawler(planter.db), planter);
    const since = (before.activity.at.at(-1) ?? 0) + 1;
    await planter.create(6, { visibility: 'private', body: planter.bytes(900), at: since });
    await planter.create(6, { visibility: 'private', body: planter.bytes(900), at: since });
    await planter.create(7, { visibility: 'private', body: planter.bytes(900), at: since + 5 });
    const { activity } = await examine(new Crawler(planter.db), { agents: planter.agents, since });

    expect([[...activity.who], [...activity.at]]).toEqual([
      [6, 7],
      [since, since + 5],
    ]);
  });
});

describe('a wiretap', () => {
  it('knows who called whom, when and how long', async () => {
    const [from, to] = [planter.agents[4], planter.agents[5]];
    if (from === undefined || to === undefined) throw new Error('too few agents');
    const call = { from, to, at: parseTimestamp(12), requestBytes: 1300, replyBytes: null };
    const [row] = await rowsHeldBy(new Wiretap([call]));
    const { evidence, activity, content } = await examine(new Wiretap([call]), planter);

    expect(row?.values).toEqual({
      from: fromBase64Url(from),
      to: fromBase64Url(to),
      requestBytes: 1300,
      replyBytes: null,
    });
    expect(evidence.pairs.at(4, 5)).toBe(1);
    expect([[...activity.who], [...activity.at]]).toEqual([[4], [12]]);
    expect(content.bodyBytes).toBe(0);
  });
});
