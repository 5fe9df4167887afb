import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Findings,
  HeapSense,
  Operator,
  type PairTable,
  SeededRandom,
  WholeDisk,
  auc,
  examine,
  messagesBetween,
  pairScores,
  rankPairs,
} from '@musubi/observers';
import { Planter } from './support/planter.js';

const AGENTS = 6;
const random = new SeededRandom(8);
const MESSAGES = Array.from({ length: 80 }, () => {
  const from = random.below(AGENTS);
  return { from, to: from ^ 1 };
});
const truth = messagesBetween(AGENTS, MESSAGES);
const areaOf = (scores: PairTable): number => auc(rankPairs(scores, truth));

let planter: Planter;

beforeEach(async () => {
  planter = await Planter.open(AGENTS);
  await planter.db.query('create table history (holder bytea, sealed bytea)');
  for (const { from, to } of MESSAGES) {
    for (const agent of [from, to]) {
      await planter.insert('history', { holder: planter.key(agent), sealed: planter.bytes(100) });
    }
  }
});

afterEach(() => planter.close());

/** What a dump does that is restored: one transaction for all rows. */
async function restored(order: string): Promise<Findings> {
  await planter.db.query('drop table if exists copy');
  await planter.db.query(`create table copy as select * from history order by ${order}`);
  const [row] = await planter.db.query<{ at: string }[]>('select distinct xmin::text as at from copy');
  return examine(new WholeDisk(planter.db), { agents: planter.agents, since: Number(row?.at) });
}

describe('the order in which rows lie', () => {
  it('tells of pairs in a copy of which all rows have one transaction, and not in one that was shuffled', async () => {
    const leaky = await restored('ctid');
    const mended = await restored('md5(sealed::text)');

    expect(areaOf(leaky.heapOrder)).toBe(1);
    expect(areaOf(mended.heapOrder)).toBeLessThan(0.8);
    // Everybody acted once, at one time: the clock tells nothing.
    expect(areaOf(pairScores(leaky, 2))).toBe(0.5);
  });

  it('tells nothing to a party that reads columns alone, or where several wrote at once', async () => {
    for (const party of [new Operator(planter.db), new WholeDisk(planter.db, { hasOneWriter: false })]) {
      const { heapOrder, heapTwos } = await examine(party, planter);
      for (const { values } of [heapOrder, heapTwos]) expect(values.every((value) => value === 0)).toBe(true);
    }
  });

  it.each(['update history set sealed = sealed', 'delete from history'])(
    'tells nothing of a table after `%s` of one row: what comes later lies where there is room',
    async (change) => {
      const before = await examine(new WholeDisk(planter.db), planter);
      await planter.db.query(`${change} where ctid = (select min(ctid) from history)`);
      const after = await examine(new WholeDisk(planter.db), planter);
      await planter.db.query('drop table history');
      const without = await examine(new WholeDisk(planter.db), planter);

      expect(areaOf(before.heapOrder)).toBe(1);
      expect(after.heapOrder).toEqual(without.heapOrder);
      expect(after.heapTwos).toEqual(without.heapTwos);
    },
  );

  it('in twos tells how many messages each pair has, and nothing once rows were shuffled', async () => {
    const leaky = await restored('ctid');
    const mended = await restored('md5(sealed::text)');

    expect(areaOf(leaky.heapTwos)).toBe(1);
    expect(areaOf(mended.heapTwos)).toBeLessThan(0.8);
    const names = [3, 5, 4, 1, 0, 2];
    const others = messagesBetween(
      AGENTS,
      MESSAGES.map(({ from, to }) => ({ from: names[from] ?? 0, to: names[to] ?? 0 })),
    );
    expect(auc(rankPairs(leaky.heapTwos, others))).toBeLessThan(0.8);
  });

  it('in twos takes no row twice: who wrote next is no partner', () => {
    const heap = new HeapSense(AGENTS);
    for (const agent of [0, 1, 2, 3, 3, 0, 1, 1]) heap.take('history', agent);
    heap.take('receipt', 5);
    heap.take('history', 4);
    const twos = heap.inTwos();
    expect([twos.at(0, 1), twos.at(1, 0), twos.at(2, 3), twos.at(3, 0), twos.at(1, 4)]).toEqual([
      1, 1, 1, 1, 1,
    ]);
    expect(twos.values.reduce((sum, times) => sum + times, 0)).toBe(8);
  });

  it('scores by how many neighbours there are beyond chance', async () => {
    const { heapOrder } = await restored('ctid');
    expect(heapOrder.at(0, 1)).toBeGreaterThan(0);
    expect(heapOrder.at(0, 1)).toBe(heapOrder.at(1, 0));
    expect(heapOrder.at(0, 2)).toBeLessThan(0);
    expect(heapOrder.at(3, 3)).toBe(0);
  });
});
