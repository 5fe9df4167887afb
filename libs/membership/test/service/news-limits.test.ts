import { beforeEach, describe, expect, it } from '@jest/globals';
import { type RemoteCallOutcome } from '@musubi/network';
import { type NodeKey, SimClock } from '@musubi/network/nodes';
import {
  InMemoryPeerStore,
  NEWS_TOPIC,
  RecordExchange,
  type SignedNodeRecord,
  encodeDelivery,
} from '@musubi/membership';
import { RecordNews } from '../../src/service/record-news.js';
import { nodeNumber, nodeRecord } from '../support/people.js';
import { ROOMY } from '../support/stores.js';

const BUSY = { kind: 'refused', code: 'busy', retryable: true };
const OK: RemoteCallOutcome = { kind: 'ok', reply: new Uint8Array() };
const [one, other] = [nodeNumber(1).key, nodeNumber(2).key];
const subject = nodeNumber(3);

let clock: SimClock;
let store: InMemoryPeerStore;
let linked: NodeKey[];
let told: Uint8Array[];
let missed: NodeKey[];
/** Holds back what reads the store. */
let gate: Promise<void>;
let decoded: number;
let news: RecordNews;

beforeEach(() => {
  clock = new SimClock();
  store = new InMemoryPeerStore(ROOMY);
  [linked, told, missed, decoded, gate] = [[one, other], [], [], 0, Promise.resolve()];
  const exchange = new RecordExchange({ store });
  news = new RecordNews({
    exchange: {
      delivery: (nodes) => exchange.delivery(nodes),
      hear: async (peer, message) => {
        decoded += 1;
        await gate;
        return exchange.hear(peer, message);
      },
    },
    links: {
      linked: () => linked,
      ask: (_, __, payload) => {
        told.push(payload);
        return Promise.resolve(OK);
      },
    },
    clock,
    random: () => 0.5,
    signal: new AbortController().signal,
    onMissed: (peer) => missed.push(peer),
  });
});

const say = (peer: NodeKey, ...records: readonly Uint8Array[]): Promise<RemoteCallOutcome> =>
  news.answer({ topic: NEWS_TOPIC, payload: encodeDelivery({ records }), peer });

/** A record of that node with many bytes. */
function long(number: number): SignedNodeRecord {
  const addresses = [1, 2, 3, 4, 5].map((port) => `tcp://192.0.2.1:${port}/${'a'.repeat(100)}`);
  return nodeRecord(nodeNumber(number), { addresses });
}

describe('the news of peers', () => {
  it('is heard of eight of them at once, and of more when one is done', async () => {
    let open = (): void => undefined;
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const record = nodeRecord(subject).bytes;
    const first = Array.from({ length: 8 }, (_, index) => say(nodeNumber(10 + index).key, record));
    expect(await say(one, record)).toEqual(BUSY);
    open();
    expect(await Promise.all(first)).toEqual(first.map(() => OK));
    expect(await say(one, record)).toEqual(OK);
  });

  it('is read up to a number of bytes in a span, for each peer by itself', async () => {
    const records = Array.from({ length: 30 }, (_, index) => long(100 + index).bytes);
    const outcomes = [];
    for (let time = 0; time < 6; time += 1) outcomes.push((await say(one, ...records)).kind);
    expect(outcomes).toContain('refused');
    const read = outcomes.filter((kind) => kind === 'ok').length;
    expect(decoded).toBe(read);
    expect(await say(other, ...records)).toEqual(OK);

    // It links anew, and has no more for that.
    news.end(one);
    expect(await say(one, ...records)).toEqual(BUSY);
    await clock.advance(60_000);
    expect(await say(one, ...records)).toEqual(OK);
  });
});

describe('what waits to be told', () => {
  it('is told to a peer that tells an older record meanwhile, and not to one that tells the same', async () => {
    const newer = nodeRecord(subject, { seq: 2 });
    await store.put(newer, null);
    news.spread(subject.key, null);
    await say(one, nodeRecord(subject, { seq: 1 }).bytes);
    await say(other, newer.bytes);
    await clock.advance(5000);
    expect(told).toEqual([encodeDelivery({ records: [newer.bytes] })]);
    expect(missed).toEqual([]);
  });

  it('counts as told when it is not in the store any more', async () => {
    const kept = nodeRecord(nodeNumber(4));
    await store.put(kept, null);
    linked = [one];
    news.spread(subject.key, null);
    news.spread(kept.content.node, null);
    await clock.advance(5000);
    expect(told).toEqual([encodeDelivery({ records: [kept.bytes] })]);
    expect(missed).toEqual([]);
  });

  it('is compared when it does not fit', async () => {
    linked = [one];
    for (let number = 100; number < 160; number += 1) {
      await store.put(long(number), null);
      news.spread(nodeNumber(number).key, null);
    }
    await clock.advance(5000);
    expect(told).toHaveLength(1);
    expect(missed).toEqual([one]);
  });
});
