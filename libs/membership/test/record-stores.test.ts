import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_RECORD_BYTES, type PutOutcome, type SignedNodeRecord } from '@musubi/membership';
import { DAY_US, after, agentNumber, agentRecord, day, nodeNumber, nodeRecord } from './support/people.js';
import { ROOMY, type StoreHarness, type Stores, inMemoryHarness, postgresHarness } from './support/stores.js';

const alice = agentNumber(1);
const home = nodeNumber(1);
const other = nodeNumber(2);
const loud = nodeNumber(3);
const quiet = nodeNumber(4);

describe.each([
  ['in memory', inMemoryHarness],
  ['in PostgreSQL', postgresHarness],
])('a store of records %s', (_, openHarness) => {
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

  const numbersIn = async ({ peers }: Stores): Promise<ReadonlySet<string>> => {
    const all = await peers.list(null, 1000);
    return new Set(all.map(({ record }) => record.content.node));
  };
  const keysOf = (...numbers: number[]): ReadonlySet<string> =>
    new Set(numbers.map((number) => nodeNumber(number).key));

  it('finds what was put, and nothing else', async () => {
    const record = nodeRecord(home);
    expect(await stores.peers.put(record, loud.key)).toBe('stored');

    expect(await stores.peers.find(home.key)).toEqual({
      record,
      isPinned: false,
      contactDay: null,
      fork: null,
    });
    expect(await stores.peers.find(other.key)).toBeUndefined();
  });

  it('takes a record with a higher seq, and no other', async () => {
    const put = (seq: number): Promise<PutOutcome> =>
      stores.agents.put(agentRecord(alice, home, { seq }), null);
    expect([await put(2), await put(2), await put(1), await put(3)]).toEqual([
      'stored',
      'known',
      'outdated',
      'stored',
    ]);
    expect((await stores.agents.find(alice.agent))?.record.content.seq).toBe(3);
  });

  it('keeps an address while clocks are wrong by 40 days in either direction', async () => {
    const fast = { issued: after(40 * DAY_US), expires: after(40.5 * DAY_US) };
    const slow = { issued: after(-40 * DAY_US), expires: after(-39.5 * DAY_US) };
    await stores.peers.put(nodeRecord(home, { seq: 1, ...fast }), null);
    await stores.peers.put(nodeRecord(home, { seq: 2, ...slow, addresses: ['tcp://192.0.2.2:1'] }), null);
    await stores.peers.put(nodeRecord(home, { seq: 1, ...fast }), null);

    const found = await stores.peers.find(home.key);
    expect(found?.record.content).toMatchObject({ seq: 2, addresses: ['tcp://192.0.2.2:1'] });
  });

  it('keeps a fork out, with the first evidence beside the record, until a higher seq ends it', async () => {
    const record = nodeRecord(home);
    const evidence = nodeRecord(home, { addresses: [] });
    await stores.peers.put(record, null);

    expect(await stores.peers.put(evidence, loud.key)).toBe('forked');
    expect(await stores.peers.put(nodeRecord(home, { arc: 'nearest' }), loud.key)).toBe('forked');
    expect(await stores.peers.find(home.key)).toMatchObject({ record, fork: evidence });

    await stores.peers.put(nodeRecord(home, { seq: 2 }), loud.key);
    expect(await stores.peers.find(home.key)).toMatchObject({ fork: null });
  });

  it('pins a record that the owner puts, also when it is known or older', async () => {
    await stores.peers.put(nodeRecord(home, { seq: 2 }), loud.key);
    await stores.peers.put(nodeRecord(home, { seq: 1 }), null);
    expect(await stores.peers.find(home.key)).toMatchObject({
      isPinned: true,
      record: { content: { seq: 2 } },
    });

    await stores.peers.put(nodeRecord(home, { seq: 3 }), loud.key);
    expect(await stores.peers.find(home.key)).toMatchObject({
      isPinned: true,
      record: { content: { seq: 3 } },
    });
  });

  it('counts the records of nodes', async () => {
    expect(await stores.peers.count()).toBe(0);
    await stores.peers.put(nodeRecord(home), null);
    await stores.peers.put(nodeRecord(other), loud.key);
    await stores.peers.put(nodeRecord(other, { seq: 2 }), loud.key);
    expect(await stores.peers.count()).toBe(2);
  });

  it('notes the last contact, and keeps it beside newer records', async () => {
    await stores.peers.noteContact(home.key, day(1));
    expect(await stores.peers.find(home.key)).toBeUndefined();
    await stores.peers.put(nodeRecord(home), loud.key);
    await stores.peers.noteContact(home.key, day(2));
    await stores.peers.put(nodeRecord(home, { seq: 2 }), loud.key);
    expect(await stores.peers.find(home.key)).toMatchObject({ contactDay: day(2) });
  });

  it('removes a record, and once more', async () => {
    await stores.agents.put(agentRecord(alice, home), null);
    await stores.agents.remove(alice.agent);
    await stores.agents.remove(alice.agent);
    expect(await stores.agents.find(alice.agent)).toBeUndefined();
  });

  it('lists in the order of the bytes of keys, page by page', async () => {
    const numbers = Array.from({ length: 20 }, (__, index) => index + 1);
    for (const number of numbers) await stores.peers.put(nodeRecord(nodeNumber(number)), null);
    const ordered = numbers
      .map((number) => nodeNumber(number).key)
      .sort((a, b) => Buffer.compare(Buffer.from(a, 'base64url'), Buffer.from(b, 'base64url')));

    const first = (await stores.peers.list(null, 12)).map(({ record }) => record.content.node);
    const second = (await stores.peers.list(first.at(-1) ?? null, 12)).map(
      ({ record }) => record.content.node,
    );
    expect([...first, ...second]).toEqual(ordered);
    expect(second).toHaveLength(8);
  });

  it('keeps one record of each signer when several come at once', async () => {
    const records = Array.from({ length: 8 }, (__, index) => nodeRecord(home, { seq: index + 1 }));
    await Promise.all(records.map((record) => stores.peers.put(record, loud.key)));
    expect(await stores.peers.list(null, 10)).toMatchObject([{ record: { content: { seq: 8 } } }]);
  });

  describe('when it is full', () => {
    const put = (numbers: readonly number[], toldBy: typeof loud | null): Promise<PutOutcome[]> =>
      inTurn(numbers, (number) => stores.peers.put(nodeRecord(nodeNumber(number)), toldBy?.key ?? null));

    it('refuses what a peer tells once it has told its share, and keeps the rest', async () => {
      stores = harness.open({ ...ROOMY, maxRecords: 6 });
      await put([10, 11, 12], quiet);
      expect(await put([20, 21, 22, 23, 24], loud)).toEqual(['stored', 'stored', 'stored', 'full', 'full']);
      expect(await numbersIn(stores)).toEqual(keysOf(10, 11, 12, 20, 21, 22));
    });

    it('lets the latest of the loudest go for a quieter peer', async () => {
      stores = harness.open({ ...ROOMY, maxRecords: 4 });
      await put([20, 21, 22, 23], loud);
      expect(await put([10, 11, 12], quiet)).toEqual(['stored', 'stored', 'full']);
      expect(await numbersIn(stores)).toEqual(keysOf(20, 21, 10, 11));
    });

    it('never lets hearsay displace nodes that it met, nor what the owner put there', async () => {
      stores = harness.open({ ...ROOMY, maxRecords: 3 });
      await put([1], null);
      await put([10, 11], quiet);
      await inTurn([10, 11], (number) => stores.peers.noteContact(nodeNumber(number).key, day(number)));
      expect(await put([20, 21], loud)).toEqual(['full', 'full']);
      expect(await numbersIn(stores)).toEqual(keysOf(1, 10, 11));
    });

    it('lets go for its own first hearsay, then the node that was not met for longest, then nothing', async () => {
      stores = harness.open({ ...ROOMY, maxRecords: 3 });
      await put([10, 11, 12], quiet);
      await stores.peers.noteContact(nodeNumber(10).key, day(2));
      await stores.peers.noteContact(nodeNumber(11).key, day(1));
      const kept: ReadonlySet<string>[] = [];
      const outcomes = await inTurn([1, 2, 3, 4], async (number) => {
        const [outcome] = await put([number], null);
        kept.push(await numbersIn(stores));
        return outcome;
      });
      expect(outcomes).toEqual(['stored', 'stored', 'stored', 'full']);
      expect(kept).toEqual([keysOf(10, 11, 1), keysOf(10, 1, 2), keysOf(1, 2, 3), keysOf(1, 2, 3)]);
    });

    it('is as full by bytes, and leaves the known record when a longer one has no room', async () => {
      const longer = (seq: number): SignedNodeRecord =>
        nodeRecord(home, { seq, addresses: [`tcp://192.0.2.1:1/${'a'.repeat(100)}`] });
      const short = nodeRecord(home);
      stores = harness.open({ ...ROOMY, maxBytes: short.bytes.length + 10 });
      expect(await stores.peers.put(short, loud.key)).toBe('stored');
      expect(await stores.peers.put(longer(2), loud.key)).toBe('full');
      expect(await stores.peers.put(nodeRecord(other), quiet.key)).toBe('full');
      expect(await stores.peers.find(home.key)).toMatchObject({ record: short });
    });

    it('bounds the records of agents alike', async () => {
      stores = harness.open({ maxRecords: 2, maxBytes: 2 * MAX_RECORD_BYTES });
      const outcomes = await inTurn([1, 2, 3], (number) =>
        stores.agents.put(agentRecord(agentNumber(number), home), loud.key),
      );
      expect(outcomes).toEqual(['stored', 'stored', 'full']);
      expect(await stores.agents.put(agentRecord(agentNumber(4), home), null)).toBe('stored');
      expect(await stores.agents.find(agentNumber(2).agent)).toBeUndefined();
    });
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
