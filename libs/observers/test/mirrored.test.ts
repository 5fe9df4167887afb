import { describe, expect, it } from '@jest/globals';
import {
  type GroupSizes,
  type OwnedTable,
  type PairTable,
  SeededRandom,
  groupSizesOf,
  groupingsOf,
  mirroredConversations,
} from '@musubi/observers';
import {
  type KeptRow,
  type Letter,
  areaOf,
  areaOfPermuted,
  keptRows,
  lettersOf,
  tableOfRows,
  truthOf,
} from './support/conversations.js';

const AGENTS = 24;
const letters = lettersOf(AGENTS, 240, 3);
const truth = truthOf(AGENTS, letters);

interface Table {
  readonly rows?: readonly KeptRow[];
  readonly flag?: (row: KeptRow) => number;
  readonly length?: (row: KeptRow) => number;
}

/** Names that no schema has. Each agent numbers its peers and its places in a way of its own. */
function kept({ rows = keptRows(letters), flag = () => 0, length = () => 900 }: Table = {}): OwnedTable {
  return tableOfRows('shoebox', rows, {
    pile: ['id', ({ owner, peer }) => 1e6 + owner * 1000 + peer * 7],
    shelf: ['integer', ({ owner, letter }) => (owner + 1) * 1e9 + letter ** 2 * (owner + 3)],
    dusty: ['flag', flag],
    wrapped: ['length', length],
  });
}

const isReceived = ({ isReceived: received }: KeptRow): number => Number(received);

function scoresOf(table: OwnedTable, by: 'sizes' | 'rows', before: readonly GroupSizes[] = []): PairTable {
  const [grouping] = groupingsOf([table]);
  if (grouping === undefined) throw new Error('no column groups the rows');
  const attempt = mirroredConversations(grouping, { agents: AGENTS, by, before });
  if ('notAttempted' in attempt) throw new Error(attempt.notAttempted);
  return attempt.scores;
}

describe('the column of conversations', () => {
  it('is found by what it looks like, whatever it is called', () => {
    expect(groupingsOf([kept()]).map(({ field }) => field)).toEqual(['shoebox.pile']);
  });

  it('is none of times', () => {
    const timed = tableOfRows('t', keptRows(letters), {
      at: ['integer', ({ owner, letter }) => 1.7e15 + owner * 1e6 + (letter % 4)],
    });
    expect(groupingsOf([timed])).toEqual([]);
  });

  it('is none whose values several agents share, and none that tells every row apart', () => {
    const shared = tableOfRows('t', keptRows(letters), {
      kind: ['id', ({ letter }) => letter % 3],
      key: ['id', ({ owner, letter }) => owner + letter * 100],
    });
    expect(groupingsOf([shared])).toEqual([]);
  });
});

describe('conversations that mirror one another', () => {
  it('are matched by how many rows they have', () => {
    expect(areaOf(scoresOf(kept(), 'sizes'), truth)).toBeGreaterThan(0.9);
  });

  it('are matched better by a flag that one side has and the other has not', () => {
    const [sizes, rows] = [scoresOf(kept(), 'sizes'), scoresOf(kept({ flag: isReceived }), 'rows')];
    expect(areaOf(rows, truth)).toBeGreaterThan(0.97);
    expect(areaOf(rows, truth)).toBeGreaterThan(areaOf(sizes, truth));
  });

  it('are matched better by lengths, and by a flag that says the same on both sides', () => {
    const plain = areaOf(scoresOf(kept(), 'sizes'), truth);
    const length = ({ letter }: KeptRow): number => [900, 1200, 1500][letter % 3] ?? 0;
    expect(areaOf(scoresOf(kept({ length }), 'rows'), truth)).toBeGreaterThan(plain);
    const flag = ({ letter }: KeptRow): number => letter % 2;
    expect(areaOf(scoresOf(kept({ flag }), 'rows'), truth)).toBeGreaterThan(plain);
  });

  it('are matched better by how many rows came between looks', () => {
    const before = [250, 500, 750].map((time) =>
      groupSizesOf([kept({ rows: rowsUntil(time) })], 'shoebox.pile'),
    );
    const [once, often] = [scoresOf(kept(), 'sizes'), scoresOf(kept(), 'sizes', before)];
    expect(areaOf(often, truth)).toBeGreaterThan(areaOf(once, truth));
    expect(areaOf(often, truth)).toBeGreaterThan(0.97);
  });

  it('are matched though some rows of one side are gone', () => {
    const rows = keptRows(letters).filter(({ owner, letter }) => owner !== 1 || letter % 60 !== 0);
    expect(areaOf(scoresOf(kept({ rows, flag: isReceived }), 'rows'), truth)).toBeGreaterThan(0.95);
  });
});

function rowsUntil(time: number): readonly KeptRow[] {
  return keptRows(letters).filter(({ letter }) => (letters[letter]?.at ?? 0) < time);
}

describe('where no conversation mirrors another', () => {
  it.each([1, 2, 3])('nothing is found but who has much (seed %d)', (seed) => {
    const random = new SeededRandom(seed);
    const own = Array.from({ length: 480 }, (_, letter): KeptRow => {
      const owner = random.below(AGENTS);
      return { owner, peer: random.below(4), isReceived: random.below(2) === 0, letter };
    });
    const scores = scoresOf(kept({ rows: own, flag: isReceived }), 'rows');
    expect(Math.abs(areaOf(scores, truth) - 0.5)).toBeLessThan(0.15);
  });

  it('nothing is found of agents under other names', () => {
    const scores = scoresOf(kept({ flag: isReceived }), 'rows');
    expect(Math.abs(areaOfPermuted(letters, scores, 9) - 0.5)).toBeLessThan(0.05);
  });
});

describe('the same rows', () => {
  it('give the same scores, in whatever order they lie', () => {
    const rows = keptRows(letters);
    const [one, other] = [rows, rows.toReversed()].map((lying) =>
      scoresOf(kept({ rows: lying, flag: isReceived }), 'rows'),
    );
    expect(one?.values).toEqual(other?.values);
  });
});

describe('more groups than can be compared', () => {
  it('are not attempted, and it is said why', () => {
    const many: Letter[] = [];
    const agents = 2500;
    for (let a = 0; a < agents; a += 1)
      many.push(...[1, 1, 2, 2].map((step) => ({ from: a, to: (a + step) % agents, at: a })));
    const [grouping] = groupingsOf([kept({ rows: keptRows(many) })]);
    if (grouping === undefined) throw new Error('no column groups the rows');
    expect(mirroredConversations(grouping, { agents, by: 'sizes' })).toEqual({
      notAttempted: 'more than 2000000 pairs of 10000 groups are about as large',
    });
  });
});
