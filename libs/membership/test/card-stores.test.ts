import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ContactCard, MAX_RECORD_BYTES } from '@musubi/membership';
import { agentNumber, agentRecord, nodeNumber, nodeRecord } from './support/people.js';
import { ROOMY, type StoreHarness, type Stores, inMemoryHarness, postgresHarness } from './support/stores.js';

const alice = agentNumber(1);
const home = nodeNumber(1);
const other = nodeNumber(2);
const loud = nodeNumber(3);
const quiet = nodeNumber(4);

describe.each([
  ['in memory', inMemoryHarness],
  ['in PostgreSQL', postgresHarness],
])('cards in stores %s', (_, openHarness) => {
  let harness: StoreHarness;
  let stores: Stores;

  beforeAll(async () => {
    harness = await openHarness();
    stores = harness.open(ROOMY);
  });
  afterEach(async () => {
    await harness.clear();
    stores = harness.open(ROOMY);
  });
  afterAll(() => harness.close());

  const put = (numbers: readonly number[], toldBy: typeof loud): Promise<unknown[]> =>
    inTurn(numbers, (number) => stores.peers.put(nodeRecord(nodeNumber(number)), toldBy.key));
  const numbersIn = async ({ peers }: Stores): Promise<ReadonlySet<string>> =>
    new Set((await peers.list(null, 1000)).map(({ record }) => record.content.node));
  const keysOf = (...numbers: number[]): ReadonlySet<string> =>
    new Set(numbers.map((number) => nodeNumber(number).key));
  const holder = agentNumber(90).agent;
  const neighbour = agentNumber(91).agent;
  /** Of the agent and the node with that number. */
  const card = (number: number, seq = 1): ContactCard => ({
    agent: agentRecord(agentNumber(number), nodeNumber(number), { seq }),
    node: nodeRecord(nodeNumber(number), { seq }),
  });
  const taken = { agent: 'stored', node: 'stored' };

  it('gives each agent a share, and writes nothing of a card beyond it', async () => {
    const outcomes = await inTurn([1, 2, 3, 4], (number) => stores.cards.take(holder, card(number)));
    expect(outcomes).toEqual([taken, taken, taken, 'share-used']);
    expect(await numbersIn(stores)).toEqual(keysOf(1, 2, 3));
    expect(await stores.agents.find(agentNumber(4).agent)).toBeUndefined();

    expect(await stores.cards.take(holder, card(3, 2))).toEqual(taken);
    expect(await stores.cards.take(neighbour, card(4))).toEqual(taken);
  });

  it('gives the share back when a card is released, and keeps what another agent holds', async () => {
    await inTurn([1, 2, 3], (number) => stores.cards.take(holder, card(number)));
    await stores.cards.take(neighbour, card(1));
    await inTurn([1, 1, 2, 4], (number) => stores.cards.release(holder, agentNumber(number).agent));
    const pinned = (await stores.peers.list(null, 10)).filter(({ isPinned }) => isPinned);
    expect(new Set(pinned.map(({ record }) => record.content.node))).toEqual(keysOf(1, 3));
    expect((await stores.agents.find(agentNumber(1).agent))?.isPinned).toBe(true);
    expect((await stores.agents.find(agentNumber(2).agent))?.isPinned).toBe(false);
    const outcomes = await inTurn([4, 5, 6], (number) => stores.cards.take(holder, card(number)));
    expect(outcomes).toEqual([taken, taken, 'share-used']);
  });

  it('follows a contact to another node, and lets its old one go', async () => {
    await stores.cards.take(holder, card(1));
    const agent = agentRecord(agentNumber(1), nodeNumber(2), { seq: 2 });
    await stores.cards.take(holder, { agent, node: nodeRecord(nodeNumber(2)) });
    expect((await stores.peers.find(nodeNumber(1).key))?.isPinned).toBe(false);
    expect((await stores.peers.find(nodeNumber(2).key))?.isPinned).toBe(true);
    await stores.cards.release(holder, agentNumber(1).agent);
    expect((await stores.peers.find(nodeNumber(2).key))?.isPinned).toBe(false);
    expect((await stores.agents.find(agentNumber(1).agent))?.isPinned).toBe(false);
  });

  it('leaves half of the room to what peers tell, and displaces no card by another', async () => {
    stores = harness.open({ ...ROOMY, maxRecords: 4 });
    await put([10, 11, 12, 13], quiet);
    const outcomes = [
      await stores.cards.take(holder, card(1)),
      await stores.cards.take(neighbour, card(2)),
      await stores.cards.take(neighbour, card(3)),
    ];
    expect(outcomes).toEqual([taken, taken, 'full']);
    expect(await numbersIn(stores)).toEqual(keysOf(10, 11, 1, 2));
    expect(await stores.agents.find(agentNumber(3).agent)).toBeUndefined();

    expect(await put([20, 21], loud)).toEqual(['stored', 'full']);
    expect(await numbersIn(stores)).toEqual(keysOf(10, 20, 1, 2));
  });

  it('leaves room to peers when nodes of cards grow to the longest records, and fork', async () => {
    const maxRecords = 6;
    stores = harness.open({ maxRecords, maxBytes: 2 * MAX_RECORD_BYTES * maxRecords });
    const grown = (number: number, letter: string): ContactCard => {
      const addresses = [1, 2, 3, 4, 5].map((port) => `tcp://192.0.2.1:${port}/${letter.repeat(100)}`);
      return { ...card(number, 2), node: nodeRecord(nodeNumber(number), { seq: 2, addresses }) };
    };
    const numbers = [1, 2, 3];
    await inTurn(numbers, (number) => stores.cards.take(holder, card(number)));
    await inTurn(numbers, (number) => stores.cards.take(holder, grown(number, 'a')));
    const forked = await inTurn(numbers, (number) => stores.cards.take(holder, grown(number, 'b')));
    expect(forked.map((outcome) => typeof outcome === 'object' && outcome.node)).toEqual(
      numbers.map(() => 'forked'),
    );

    expect(await put([10, 11, 12, 13], quiet)).toEqual(['stored', 'stored', 'stored', 'full']);
  });

  it('holds neither of two cards that contradict each other, and keeps the evidence', async () => {
    await stores.agents.put(agentRecord(alice, home), loud.key);
    const forged = { agent: agentRecord(alice, other), node: nodeRecord(other) };
    expect(await stores.cards.take(holder, forged)).toEqual({ agent: 'forked', node: null });
    const found = await stores.agents.find(alice.agent);
    expect([found?.isPinned, found?.fork]).toEqual([false, forged.agent]);
    expect(await stores.peers.find(other.key)).toBeUndefined();
  });
});

async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
