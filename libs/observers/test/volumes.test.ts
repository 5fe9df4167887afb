import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Address, Crawler, Operator, examine } from '@musubi/observers';
import { OPEN_SPACE, Planter } from './support/planter.js';

let planter: Planter;

beforeEach(async () => {
  planter = await Planter.open(4);
});

afterEach(() => planter.close());

async function publicEntries(...authors: readonly number[]): Promise<void> {
  for (const author of authors)
    await planter.create(author, { visibility: 'public', body: planter.bytes(900) });
}

async function crawled(addresses: readonly Address[] = []): Promise<readonly number[]> {
  const { agents, db } = planter;
  return [...(await examine(new Crawler(db), { agents, addresses })).volumes.values];
}

/** A link by nobody who is known. */
async function linkAt(base: Uint8Array): Promise<void> {
  const link = { author: planter.bytes(32), target: planter.bytes(32), hash: planter.bytes(32) };
  await planter.insert('dht_link', { space: OPEN_SPACE, seq: 4, tag: Buffer.from(''), base, ...link });
}

describe('how much there is of each agent', () => {
  it('is its rows, less those that all have alike', async () => {
    expect(await crawled()).toEqual([0, 0, 0, 0]);

    await publicEntries(0, 0, 0, 2, 3);

    expect(await crawled()).toEqual([3, 0, 1, 1]);
  });

  it('is also what lies where everybody can compute that it is for the agent', async () => {
    const bytes = planter.bytes(32);
    await linkAt(bytes);
    await linkAt(bytes);
    await linkAt(planter.bytes(32));

    expect(await crawled()).toEqual([0, 0, 0, 0]);
    expect(await crawled([{ agent: 2, bytes }])).toEqual([0, 0, 2, 0]);
  });

  it('is told to the operator by any table with a holder', async () => {
    const { agents, db } = planter;
    await planter.db.query('create table kept (holder bytea, sealed bytea)');
    for (const agent of [1, 1, 3])
      await planter.insert('kept', { holder: planter.key(agent), sealed: planter.bytes(900) });

    expect([...(await examine(new Operator(db), { agents })).volumes.values]).toEqual([0, 2, 0, 1]);
  });
});
