import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Crawler,
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

let planter: Planter;

beforeEach(async () => {
  planter = await Planter.open(6);
});

afterEach(() => planter.close());

describe('time and order', () => {
  const PAIRS = [
    [0, 1],
    [2, 3],
    [4, 5],
  ] as const;
  const turns = new SeededRandom(8);
  const MESSAGES = Array.from({ length: 60 }, () => PAIRS[turns.below(3)] ?? PAIRS[0]);
  const truth = messagesBetween(
    6,
    MESSAGES.map(([from, to]) => ({ from, to })),
  );
  const areaOf = (scores: PairTable): number => auc(rankPairs(scores, truth));

  it('tell a crawler who answers whom at once, and not who answers after hours', async () => {
    const DAY = 86_400_000_000;
    const NOON = 1_763_900_000_000_000;
    const random = new SeededRandom(2);
    const send = async (delay: () => number): Promise<void> => {
      for (const [index, [from, to]] of MESSAGES.entries()) {
        const at = NOON + index * 60_000_000;
        const body = planter.bytes(900);
        await planter.create(from, { visibility: 'private', body, at });
        await planter.create(to, { visibility: 'private', body, at: Math.floor(at + delay()) });
      }
    };
    await send(() => DAY * (1 + 100 * random.float()));
    const late = areaOf(pairScores(await examine(new Crawler(planter.db), planter), 1_000_000));
    await planter.db.query(`delete from action where type = 'create'`);
    await send(() => 900_000 * random.float());
    const soon = areaOf(pairScores(await examine(new Crawler(planter.db), planter), 1_000_000));

    expect(soon).toBe(1);
    expect(late).toBeLessThan(0.8);
  });

  it('tell who has the disk, and not the operator, from a table without a clock', async () => {
    await planter.db.query('create table history (holder bytea, key bytea, sealed bytea)');
    for (const agents of MESSAGES) {
      for (const agent of agents) {
        const row = { holder: planter.key(agent), key: planter.bytes(32), sealed: planter.bytes(900) };
        await planter.insert('history', row);
      }
    }
    const disk = await examine(new WholeDisk(planter.db), planter);
    const columns = await examine(new Operator(planter.db), planter);

    expect(areaOf(pairScores(disk, 1))).toBe(1);
    expect(areaOf(pairScores(columns, 1_000_000))).toBe(0.5);
  });
});
