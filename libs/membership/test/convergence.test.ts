import { expect, it } from '@jest/globals';
import { type NodeKey } from '@musubi/network/nodes';
import fc from 'fast-check';
import { InMemoryPeerStore, type PeerStore, RecordExchange } from '@musubi/membership';
import { nodeNumber, nodeRecord } from './support/people.js';
import { ROOMY } from './support/stores.js';

/** A node with its store, and where it is with each neighbour. */
interface Member {
  readonly key: NodeKey;
  readonly store: PeerStore;
  readonly exchange: RecordExchange;
  readonly next: Map<NodeKey, NodeKey | null>;
}

const LIMITS = { entries: 3, recordBytes: 1024 };
/** Beyond all that any seed has needed: a pass of a round at a time, over the longest path, with a third lost. */
const MOST_ROUNDS = 20_000;

function memberNumber(number: number): Member {
  const store = new InMemoryPeerStore(ROOMY);
  const exchange = new RecordExchange({ store, limits: LIMITS });
  return { key: nodeNumber(number).key, store, exchange, next: new Map() };
}

/** One round; it ends where a message is lost. */
async function round(from: Member, to: Member, isLost: () => boolean): Promise<void> {
  const { digest, message } = await from.exchange.begin(from.next.get(to.key) ?? null);
  if (isLost()) return;
  const answered = await to.exchange.answer(message);
  if (isLost()) return;
  const compared = await from.exchange.compare(to.key, digest, answered.message);
  from.next.set(to.key, compared.next);
  if (compared.message !== null && !isLost()) await to.exchange.take(from.key, answered, compared.message);
}

async function summaryOf({ store }: Member): Promise<string> {
  const all = await store.list(null, 1000);
  return all.map(({ record }) => `${record.content.node}:${record.content.seq}`).join();
}

/** A path through all members, and some more edges. */
const topologies = fc.integer({ min: 2, max: 7 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    parents: fc.tuple(...Array.from({ length: size - 1 }, (_, index) => fc.nat(index))),
    extra: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 4 }),
    records: fc.array(
      fc.record({ holder: fc.nat(size - 1), node: fc.nat(14), seq: fc.integer({ min: 1, max: 4 }) }),
      { minLength: 1, maxLength: 30 },
    ),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
    lossPercent: fc.nat(40),
  }),
);

type Topology = typeof topologies extends fc.Arbitrary<infer Value> ? Value : never;

/** @returns the members with their records, and the highest seq of each node */
async function membersOf({ size, records }: Topology): Promise<[Member[], Map<NodeKey, number>]> {
  const members = Array.from({ length: size }, (_, number) => memberNumber(1000 + number));
  const highest = new Map<NodeKey, number>();
  for (const { holder, node, seq } of records) {
    const record = nodeRecord(nodeNumber(node), { seq });
    await members[holder]?.store.put(record, null);
    highest.set(record.content.node, Math.max(seq, highest.get(record.content.node) ?? 0));
  }
  return [members, highest];
}

async function untilEqual(
  members: readonly Member[],
  { parents, extra, seed, lossPercent }: Topology,
): Promise<void> {
  const edges = [...parents.map((parent, index) => [parent, index + 1] as const), ...extra];
  const chance = randomFrom(seed);
  const isLost = (): boolean => chance() * 100 < lossPercent;
  for (let rounds = 0; rounds < MOST_ROUNDS; rounds += 1) {
    if (new Set(await Promise.all(members.map(summaryOf))).size === 1) return;
    const ends = edges[Math.floor(chance() * edges.length)] ?? [];
    const [from, to] = ends.map((end) => members[end]);
    if (from !== undefined && to !== undefined && from !== to) await round(from, to, isLost);
  }
}

it('converges to the highest seq of every node, over any connected topology, with messages lost', async () => {
  await fc.assert(
    fc.asyncProperty(topologies, async (topology) => {
      const [members, highest] = await membersOf(topology);
      await untilEqual(members, topology);
      for (const { store } of members) {
        const all = await store.list(null, 1000);
        expect(new Map(all.map(({ record }) => [record.content.node, record.content.seq]))).toEqual(highest);
      }
    }),
    { numRuns: 60 },
  );
});

/** Park and Miller's minimal standard generator: numbers in (0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
