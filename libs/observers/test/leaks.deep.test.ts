import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { entryHash, hashBytes } from '@musubi/cell';
import { fromBase64Url } from '@musubi/crypto';
import { Crawler, type Findings, type Observer, Operator, examine } from '@musubi/observers';
import { OPEN_SPACE, Planter, SECRET_SPACE } from './support/planter.js';

const CANARY = 'a canary in the mine';
const GUESS = 'yes, let us meet';

let planter: Planter;

beforeEach(async () => {
  planter = await Planter.open(6);
});

afterEach(() => planter.close());

function lookedAtBy(observer: Observer): Promise<Findings> {
  const { agents } = planter;
  return examine(observer, { agents, canaries: [CANARY], guesses: [{ text: GUESS }] });
}

const crawled = (): Promise<Findings> => lookedAtBy(new Crawler(planter.db));
const operated = (): Promise<Findings> => lookedAtBy(new Operator(planter.db));

/** The pairs of which anything tells, and by which columns. */
function told({ evidence: { pairs, witnesses } }: Findings): readonly string[] {
  const named = [...pairs.values.keys()].flatMap((place) => {
    const [a, b] = [Math.floor(place / pairs.agents), place % pairs.agents];
    return a < b && pairs.at(a, b) > 0 ? [`${a}–${b}`] : [];
  });
  return [...named, ...witnesses.map(({ kind, fields, times }) => `${kind} by ${fields}, ${times}×`)];
}

describe('a text that is stored', () => {
  it('in a plaintext column is found by the operator, and gone with the column', async () => {
    await planter.db.query('alter table chain_entry add column note text');
    await planter.create(0, { visibility: 'private', body: planter.bytes(900) });
    await planter.db.query('update chain_entry set note = $1', [`said: ${CANARY}!`]);
    const leaky = await operated();
    await planter.db.query('alter table chain_entry drop column note');
    const mended = await operated();

    expect(leaky.content.canaries).toEqual([{ text: CANARY, field: 'chain_entry.note', by: 'utf8' }]);
    expect(mended.content.canaries).toEqual([]);
  });

  it('in a public entry is found by a crawler, and in a private or a cloned one is not', async () => {
    const body = Buffer.from(JSON.stringify({ blob: Buffer.from(`-${CANARY}-`).toString('base64') }));
    await planter.join(1, SECRET_SPACE);
    await planter.create(0, { visibility: 'private', body });
    await planter.create(1, { space: SECRET_SPACE, visibility: 'public', body });
    const mended = await crawled();
    await planter.create(0, { visibility: 'public', body });
    const leaky = await crawled();

    expect(mended.content.canaries).toEqual([]);
    expect(leaky.content.canaries).toEqual([{ text: CANARY, field: 'dht_entry.body', by: 'base64' }]);
  });

  it('as an unsalted hash is confirmed by who guesses it, and salted is not', async () => {
    const salt = planter.bytes(16);
    const salted = Buffer.concat([salt, Buffer.from(GUESS)]);
    await planter.create(0, { visibility: 'private', entryHash: hashOf(salted), body: planter.bytes(900) });
    const mended = await crawled();
    await planter.create(0, {
      visibility: 'private',
      entryHash: hashOf(Buffer.from(GUESS)),
      body: planter.bytes(900),
    });
    const leaky = await crawled();

    expect(mended.content.guesses).toEqual([]);
    expect(leaky.content.guesses).toEqual([{ text: GUESS, field: 'action.entry_hash', by: 'hash' }]);
  });
});

describe('what is held', () => {
  it('is told by column: how many values, bytes and sizes', async () => {
    for (const size of [1000, 1000, 1200])
      await planter.create(0, { visibility: 'public', body: planter.bytes(size) });
    const { content, rows } = await crawled();

    expect(content.fields['dht_entry.body']).toEqual({ values: 3, bytes: 3200, sizes: 2 });
    expect(content.fields['action.entry_hash']).toEqual({ values: 3, bytes: 96, sizes: 1 });
    expect(content.fields['action.tag']).toBeUndefined();
    expect([content.bodyBytes, rows]).toEqual([3200, 6 + 3 + 3]);
  });
});

describe('a pair', () => {
  it('is told by one entry hash on both chains, and not by two', async () => {
    const [mine, yours] = [planter.bytes(32), planter.bytes(32)];
    await planter.create(1, { visibility: 'private', entryHash: mine, body: planter.bytes(900) });
    await planter.create(4, { visibility: 'private', entryHash: yours, body: planter.bytes(900) });
    const mended = await crawled();
    await planter.create(4, { visibility: 'private', entryHash: mine, body: planter.bytes(900) });
    const leaky = await crawled();

    expect(told(mended)).toEqual([]);
    expect(told(leaky)).toEqual(['1–4', 'shared-value by action.entry_hash, 1×']);
  });

  it('is not told by a value that a third has too', async () => {
    const entryHash = planter.bytes(32);
    for (const agent of [1, 4, 5]) {
      await planter.create(agent, { visibility: 'private', entryHash, body: planter.bytes(900) });
    }
    expect(told(await crawled())).toEqual([]);
  });

  it('is told by an id that is text, and not by words that two happen to have', async () => {
    await planter.db.query('create table owed (holder bytea, message text, error text)');
    const error = 'remote-call-was-refused-by-the-callee';
    await planter.insert('owed', {
      holder: planter.key(0),
      message: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
      error,
    });
    await planter.insert('owed', {
      holder: planter.key(3),
      message: '0b1d4fae-7dec-11d0-a765-00a0c91e6bf7',
      error,
    });
    const mended = await operated();
    await planter.db.query('update owed set message = (select min(message) from owed)');

    expect(told(mended)).toEqual([]);
    expect(told(await operated())).toEqual(['0–3', 'shared-value by owed.message, 1×']);
  });

  it.each([
    ['its bytes', (agent: number) => planter.key(agent)],
    ['base64url', (agent: number) => Buffer.from(planter.agents[agent] ?? '')],
    ['hexadecimal digits within others', (agent: number) => Buffer.from(`{"to":"${hex(agent)}"}`)],
  ])('is told by an agent’s key in a tag as %s, and not by a blinded one', async (_, spell) => {
    await planter.link(2, { tag: planter.bytes(32) });
    const mended = await crawled();
    await planter.link(2, { tag: spell(3) });
    const leaky = await crawled();

    expect(told(mended)).toEqual([]);
    expect(told(leaky)).toEqual(['2–3', 'named-together by action.author + action.tag, 1×']);
  });

  it('is told by a link from the reader’s key, and by the published link as well', async () => {
    const link = { base: planter.key(5), target: planter.bytes(32), tag: Buffer.from('') };
    await planter.link(0, link);
    const published = { space: OPEN_SPACE, author: planter.key(0), seq: 9, hash: planter.bytes(32) };
    await planter.insert('dht_link', { ...published, ...link });

    expect(told(await crawled())).toEqual([
      '0–5',
      'named-together by action.author + action.base, 1×',
      'named-together by dht_link.base + dht_link.author, 1×',
    ]);
  });

  it('is told to the operator by a space that the two alone are in, and not to a crawler', async () => {
    await planter.join(0, SECRET_SPACE);
    const alone = await operated();
    await planter.join(2, SECRET_SPACE);

    expect(told(alone)).toEqual([]);
    expect(told(await crawled())).toEqual([]);
    expect(told(await operated())).toEqual(['0–2', 'shared-value by action.space, 1×']);
  });
});

const hashOf = (content: Uint8Array): Uint8Array => hashBytes(entryHash(content));
const hex = (agent: number): string =>
  Buffer.from(fromBase64Url(planter.agents[agent] ?? '')).toString('hex');
