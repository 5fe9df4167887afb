import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { paddedLength } from '@musubi/crypto';
import {
  Crawler,
  Operator,
  type PairTable,
  SeededRandom,
  type Sizes,
  auc,
  equalSizesSoonAfter,
  examine,
  messagesBetween,
  rankPairs,
  rareSizes,
  retimedSizes,
  soonAfterScores,
} from '@musubi/observers';
import { Planter } from './support/planter.js';
import { rowsOf } from './support/tables.js';

const AGENTS = 12;
const SECOND = 1_000_000;
const NOON = 1_763_900_000_000_000;

/** Everybody has one peer, and writes texts of any length. */
const random = new SeededRandom(6);
const MESSAGES = Array.from({ length: 60 }, () => {
  const from = random.below(AGENTS);
  return { from, to: from ^ 1, length: 1 + random.below(240) };
});
const truth = messagesBetween(AGENTS, MESSAGES);
const areaOf = (scores: PairTable): number => auc(rankPairs(scores, truth));
const isSilent = ({ values }: PairTable): boolean => values.every((value) => value === 0);

let planter: Planter;

beforeEach(async () => {
  planter = await Planter.open(AGENTS);
});

afterEach(() => planter.close());

describe('rows that are equally long', () => {
  /** What each of the two keeps of a message; in an order that tells nothing. */
  async function keep(lengthOf: (length: number) => number): Promise<void> {
    await planter.db.query('create table if not exists kept (holder bytea, sealed bytea)');
    await planter.db.query('truncate kept');
    const copies = MESSAGES.flatMap(({ from, to, length }) => [
      { agent: from, length },
      { agent: to, length },
    ]);
    for (const { agent, length } of copies.toSorted((a, b) => a.agent - b.agent)) {
      const sealed = planter.bytes(lengthOf(length));
      await planter.insert('kept', { holder: planter.key(agent), sealed });
    }
  }

  it('tell an operator of pairs where bodies are not padded, and not where they are of one class', async () => {
    await keep((length) => paddedLength(length));
    const mended = await examine(new Operator(planter.db), planter);
    await keep((length) => 100 + length);
    const leaky = await examine(new Operator(planter.db), planter);

    expect(isSilent(rareSizes(mended.sizes))).toBe(true);
    expect(areaOf(rareSizes(leaky.sizes))).toBeGreaterThan(0.95);
  });

  it('tell them apart that act in one second, and not where all are of one class', async () => {
    const { agents } = planter;
    const publish = async (lengthOf: (length: number) => number): Promise<void> => {
      await planter.db.query(`delete from action where type <> 'dna'`);
      await planter.db.query('alter table action add column if not exists body bytea');
      for (const [index, { from, to, length }] of MESSAGES.entries()) {
        // Four messages a second: nearness in time says little.
        const at = NOON + Math.floor(index / 4) * 10 * SECOND;
        for (const [nth, agent] of [from, to].entries()) {
          const body = planter.bytes(lengthOf(length));
          await planter.act(agent, { type: 'create', body, at: at + nth * 400_000 + (index % 4) });
        }
      }
    };
    await publish((length) => paddedLength(length));
    const mended = await examine(new Crawler(planter.db), { agents, since: NOON });
    await publish((length) => 100 + length);
    const leaky = await examine(new Crawler(planter.db), { agents, since: NOON });
    const byTime = areaOf(soonAfterScores(leaky.activity, { window: SECOND }));

    expect(isSilent(equalSizesSoonAfter(mended.sizes, SECOND))).toBe(true);
    expect(areaOf(equalSizesSoonAfter(leaky.sizes, SECOND))).toBeGreaterThan(0.98);
    expect(byTime).toBeLessThan(0.98);
  });

  it('are passed over before the time from which acts count', async () => {
    await planter.create(0, { visibility: 'private', body: planter.bytes(900) });
    const { activity } = await examine(new Crawler(planter.db), planter);
    const since = (activity.at.at(-1) ?? 0) + 1;
    const { sizes } = await examine(new Crawler(planter.db), { agents: planter.agents, since });
    expect(sizes.classes).toEqual([]);
  });
});

describe('what a length tells', () => {
  const row = (agent: number, at?: number): { agent: number; at: number | undefined } => ({ agent, at });
  const sizes: Sizes = {
    agents: 4,
    classes: [
      { bits: 2, rows: [row(0, 10), row(1, 11), row(1, 30)] },
      { bits: 1, rows: [row(0, 1), row(1, 2), row(2, 3)] },
      { bits: 0, rows: [row(2, 1), row(3, 1)] },
      { bits: 3, rows: [row(2), row(3)] },
    ],
  };

  it('counts by rarity where few have it', () => {
    const [ofFirst, , ofThird] = rowsOf(rareSizes(sizes));
    // The class of three agents of four is not rare.
    expect(ofFirst).toEqual([0, 2, 0, 0]);
    expect(ofThird).toEqual([0, 0, 0, 3]);
  });

  it('counts by rarity where rows follow one another, by whatever clock', () => {
    expect(rowsOf(equalSizesSoonAfter(sizes, 1))).toEqual([
      [0, 3, 0, 0],
      [3, 0, 1, 0],
      [0, 1, 0, 0],
      [0, 0, 0, 0],
    ]);
    const slower = retimedSizes(sizes, (at) => (at === 3 ? undefined : 2 * at));
    expect(rowsOf(equalSizesSoonAfter(slower, 1))).toEqual(rowsOf(equalSizesSoonAfter(sizes, 0)));
  });
});
