import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Digest,
  ExchangeRefusedError,
  type ExchangeRefusal,
  InMemoryPeerStore,
  MAX_EXCHANGE_BYTES,
  type PeerStore,
  RecordExchange,
  type SignedNodeRecord,
  decodeAnswer,
  decodeDelivery,
  decodeDigest,
  encodeAnswer,
  encodeDelivery,
  encodeDigest,
} from '@musubi/membership';
import { nodeNumber, nodeRecord } from './support/people.js';
import { ROOMY } from './support/stores.js';
import { vector } from './support/vectors.js';

const me = nodeNumber(100).key;
const peer = nodeNumber(101).key;
let mine: PeerStore;
let theirs: PeerStore;

beforeEach(() => {
  mine = new InMemoryPeerStore(ROOMY);
  theirs = new InMemoryPeerStore(ROOMY);
});

const limits = { entries: 3, recordBytes: 1024 };

/** @returns the number of rounds, and the longest message */
async function passOf(forks: SignedNodeRecord[] = []): Promise<{ rounds: number; longest: number }> {
  const onFork = (record: SignedNodeRecord): unknown => forks.push(record);
  const here = new RecordExchange({ store: mine, limits, onFork });
  const there = new RecordExchange({ store: theirs, limits, onFork });
  let next: Awaited<ReturnType<typeof here.compare>>['next'] = null;
  let rounds = 0;
  let longest = 0;
  do {
    const { digest, message } = await here.begin(next);
    const answered = await there.answer(message);
    const compared = await here.compare(peer, digest, answered.message);
    if (compared.message !== null) await there.take(me, answered, compared.message);
    longest = Math.max(longest, message.length, answered.message.length, compared.message?.length ?? 0);
    rounds += 1;
    next = compared.next;
  } while (next !== null);
  return { rounds, longest };
}

async function contentsOf(store: PeerStore): Promise<readonly unknown[]> {
  return (await store.list(null, 1000)).map(({ record }) => record.content);
}

async function refusalOf(work: () => Promise<unknown>): Promise<ExchangeRefusal | 'none'> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ExchangeRefusedError) return error.reason;
    throw error;
  }
  return 'none';
}

describe('the frozen messages', () => {
  const { node } = vector.nodeContent;
  const relay = vector.nodeContent.relays[0]?.node ?? node;
  const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

  it('are those of the frozen record', () => {
    const entries = [{ node, seq: 3, fingerprint: vector.nodeFingerprint, isForked: true }];
    const records = [vector.nodeRecord];
    expect(hexOf(encodeDigest({ after: null, upTo: relay, entries }))).toBe(hexOf(vector.digest));
    expect(hexOf(encodeAnswer({ upTo: node, records, wants: [relay] }))).toBe(hexOf(vector.answer));
    expect(hexOf(encodeDelivery({ records }))).toBe(hexOf(vector.delivery));
  });

  it('are read back', () => {
    expect(decodeDigest(vector.digest)).toMatchObject({ after: null, upTo: relay, entries: [{ seq: 3 }] });
    expect(decodeAnswer(vector.answer)).toEqual({ upTo: node, records: [vector.nodeRecord], wants: [relay] });
    expect(decodeDelivery(vector.delivery)).toEqual({ records: [vector.nodeRecord] });
  });
});

describe('a pass over all keys', () => {
  it('brings each side what it lacks or has older', async () => {
    await mine.put(nodeRecord(nodeNumber(1)), null);
    await mine.put(nodeRecord(nodeNumber(2), { seq: 5 }), null);
    await theirs.put(nodeRecord(nodeNumber(2), { seq: 4 }), null);
    await theirs.put(nodeRecord(nodeNumber(3), { seq: 7 }), null);
    await mine.put(nodeRecord(nodeNumber(3), { seq: 6 }), null);
    await theirs.put(nodeRecord(nodeNumber(4)), null);
    await passOf();

    expect(await contentsOf(mine)).toEqual(await contentsOf(theirs));
    const seqs = await Promise.all([1, 2, 3, 4].map((number) => mine.find(nodeNumber(number).key)));
    expect(seqs.map((found) => found?.record.content.seq)).toEqual([1, 5, 7, 1]);
  });

  it('brings nothing when both sides have the same', async () => {
    for (const store of [mine, theirs]) await store.put(nodeRecord(nodeNumber(1)), null);
    const here = new RecordExchange({ store: mine });
    const { digest, message } = await here.begin(null);
    const answered = await new RecordExchange({ store: theirs }).answer(message);
    expect(decodeAnswer(answered.message)).toEqual({ upTo: null, records: [], wants: [] });
    expect(await here.compare(peer, digest, answered.message)).toEqual({ message: null, next: null });
  });

  it('goes on in further rounds where one has no room, whichever side has the records', async () => {
    const half = Array.from({ length: 25 }, (_, index) => index + 1);
    for (const number of half) await mine.put(nodeRecord(nodeNumber(number)), null);
    for (const number of half) await theirs.put(nodeRecord(nodeNumber(number + 25)), null);
    const { rounds, longest } = await passOf();

    expect(await contentsOf(mine)).toHaveLength(50);
    expect(await contentsOf(theirs)).toHaveLength(50);
    expect(rounds).toBeGreaterThan(8);
    expect(longest).toBeLessThan(1024 + 200);
  });

  it('shows both sides the evidence of a fork, once, and lets each keep its record', async () => {
    const [one, two] = [nodeRecord(nodeNumber(1)), nodeRecord(nodeNumber(1), { addresses: [] })];
    await mine.put(one, null);
    await theirs.put(two, null);
    const forks: SignedNodeRecord[] = [];
    await passOf(forks);
    await passOf(forks);

    expect(forks).toHaveLength(2);
    expect(await mine.find(nodeNumber(1).key)).toMatchObject({ record: one, fork: two });
    expect(await theirs.find(nodeNumber(1).key)).toMatchObject({ record: two, fork: one });
  });
});

describe('a lying peer', () => {
  const good = nodeRecord(nodeNumber(1), { seq: 2 });
  const forged = Uint8Array.from(good.bytes, (byte, index) =>
    index === good.bytes.length - 1 ? byte ^ 1 : byte,
  );
  const here = (): RecordExchange => new RecordExchange({ store: mine, limits });
  const whole: Digest = { after: null, upTo: null, entries: [] };

  it('places no record that it cannot sign, and nothing beside it', async () => {
    const other = nodeRecord(nodeNumber(2)).bytes;
    const answer = encodeAnswer({ upTo: null, records: [other, forged], wants: [] });
    expect(await refusalOf(() => here().compare(peer, whole, answer))).toBe('bad-record');

    const wants = new Set([nodeNumber(1).key, nodeNumber(2).key]);
    const answered = { wants, message: new Uint8Array() };
    const delivery = encodeDelivery({ records: [other, forged] });
    expect(await refusalOf(() => here().take(peer, answered, delivery))).toBe('bad-record');
    expect(await contentsOf(mine)).toEqual([]);
  });

  it('brings nothing back that is older', async () => {
    await mine.put(nodeRecord(nodeNumber(1), { seq: 3 }), null);
    await here().compare(peer, whole, encodeAnswer({ upTo: null, records: [good.bytes], wants: [] }));
    expect((await mine.find(nodeNumber(1).key))?.record.content.seq).toBe(3);
  });

  it('tells nothing that the digest has, and nothing twice', async () => {
    const fork = nodeRecord(nodeNumber(1), { seq: 2, addresses: [] });
    const other = nodeRecord(nodeNumber(2));
    await mine.put(good, null);
    const first = await here().begin(null);
    const forking = encodeAnswer({ upTo: null, records: [fork.bytes], wants: [] });
    expect(await refusalOf(() => here().compare(peer, first.digest, forking))).toBe('none');

    const next = await here().begin(null);
    const answers = [[fork.bytes], [good.bytes], [other.bytes, other.bytes]].map((records) =>
      encodeAnswer({ upTo: null, records, wants: [] }),
    );
    for (const answer of answers)
      expect(await refusalOf(() => here().compare(peer, next.digest, answer))).toBe('unasked');
    const answered = { wants: new Set([nodeNumber(2).key]), message: new Uint8Array() };
    const delivery = encodeDelivery({ records: [other.bytes, other.bytes] });
    expect(await refusalOf(() => here().take(peer, answered, delivery))).toBe('unasked');
    expect(await contentsOf(mine)).toEqual([good.content]);
  });

  it('delivers nothing that was not asked for', async () => {
    const answered = { wants: new Set([nodeNumber(2).key]), message: new Uint8Array() };
    const delivery = encodeDelivery({ records: [good.bytes] });
    expect(await refusalOf(() => here().take(peer, answered, delivery))).toBe('unasked');
    expect(await contentsOf(mine)).toEqual([]);
  });

  it('answers within the interval, asks for what was offered, and does not stand still', async () => {
    const sorted = [1, 2, 3].map((number) => nodeNumber(number).key).sort(byBytes);
    const [low, middle, high] = sorted as [typeof me, typeof me, typeof me];
    const digest: Digest = { after: low, upTo: middle, entries: [] };
    const recordOf = (key: typeof me): Uint8Array =>
      [1, 2, 3].map((number) => nodeRecord(nodeNumber(number))).find(({ content }) => content.node === key)
        ?.bytes ?? new Uint8Array();
    const answers = [
      { upTo: middle, records: [recordOf(high)], wants: [] },
      { upTo: middle, records: [recordOf(low)], wants: [] },
      { upTo: middle, records: [], wants: [middle] },
      { upTo: null, records: [], wants: [] },
      { upTo: low, records: [], wants: [] },
    ];
    for (const answer of answers)
      expect(await refusalOf(() => here().compare(peer, digest, encodeAnswer(answer)))).toBe('unasked');
    const fair = encodeAnswer({ upTo: middle, records: [recordOf(middle)], wants: [] });
    expect(await refusalOf(() => here().compare(peer, digest, fair))).toBe('none');
  });

  it('gets no more bytes of records than a round has, however much it asks for', async () => {
    for (let number = 1; number <= 30; number += 1) await mine.put(nodeRecord(nodeNumber(number)), null);
    const { digest } = await new RecordExchange({ store: mine }).begin(null);
    const wants = digest.entries.flatMap(({ node }) => [node, node]);
    const { message } = await here().compare(peer, digest, encodeAnswer({ upTo: null, records: [], wants }));
    const { records } = decodeDelivery(message ?? new Uint8Array());
    expect(records.length).toBeGreaterThan(0);
    expect(Buffer.concat(records).length).toBeLessThanOrEqual(limits.recordBytes);
  });

  it('fills no store: what it tells beyond its share finds no room', async () => {
    mine = new InMemoryPeerStore({ ...ROOMY, maxRecords: 10 });
    const friends = [1, 2, 3, 4, 5].map((number) => nodeRecord(nodeNumber(number)));
    for (const friend of friends) await mine.put(friend, me);
    for (let flood = 0; flood < 20; flood += 1) {
      const records = [0, 1, 2].map((number) => nodeRecord(nodeNumber(1000 + 3 * flood + number)).bytes);
      await here().compare(peer, whole, encodeAnswer({ upTo: null, records, wants: [] }));
    }
    const kept = await mine.list(null, 100);
    expect(kept).toHaveLength(10);
    for (const friend of friends) expect(await mine.find(friend.content.node)).toBeDefined();
  });

  it('is refused for a message that is too long or none, whatever its bytes', async () => {
    const long = new Uint8Array(MAX_EXCHANGE_BYTES + 1);
    expect(await refusalOf(() => here().answer(long))).toBe('oversized');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await refusalOf(() => here().answer(bytes))).toBe('malformed');
        expect(await refusalOf(() => here().compare(peer, whole, bytes))).toBe('malformed');
      }),
    );
  });

  it('is refused for a digest out of order', async () => {
    const { digest } = await digestOfThree();
    const entries = [...digest.entries].reverse();
    expect(await refusalOf(() => here().answer(encodeDigest({ ...digest, entries })))).toBe('malformed');
    const doubled = digest.entries.flatMap((entry) => [entry, entry]);
    expect(await refusalOf(() => here().answer(encodeDigest({ ...digest, entries: doubled })))).toBe(
      'malformed',
    );
  });

  async function digestOfThree(): Promise<{ digest: Digest; message: Uint8Array }> {
    for (const number of [1, 2, 3]) await theirs.put(nodeRecord(nodeNumber(number)), null);
    const begun = await new RecordExchange({ store: theirs }).begin(null);
    expect(decodeDigest(begun.message)).toEqual(begun.digest);
    return begun;
  }
});

it('has messages of the longest round that fit in one message', async () => {
  for (let number = 1; number <= 600; number += 1) await mine.put(nodeRecord(nodeNumber(number)), null);
  const { message } = await new RecordExchange({ store: mine }).begin(null);
  const answered = await new RecordExchange({ store: theirs }).answer(message);
  const pushed = await new RecordExchange({ store: mine }).answer(
    encodeDigest({ after: null, upTo: null, entries: [] }),
  );
  for (const { length } of [message, answered.message, pushed.message])
    expect(length).toBeLessThan(MAX_EXCHANGE_BYTES);
});

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'base64url'), Buffer.from(b, 'base64url'));
}
