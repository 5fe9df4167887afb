import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Crawler,
  type PairTable,
  type Seen,
  Tally,
  examine,
  rowSums,
  rowsByDay,
  rowsByOwnClock,
  volumePrior,
} from '@musubi/observers';
import {
  type Letter,
  areaOf,
  areaOfPermuted,
  keptRows,
  lettersOf,
  tableOfRows,
  truthOf,
} from './support/conversations.js';
import { Planter } from './support/planter.js';

const AGENTS = 24;
const letters = lettersOf(AGENTS, 240, 3);
const truth = truthOf(AGENTS, letters);
const DAY = 86_400_000_000;
const FIRST = 20_000 * DAY;

/** A row at each end of each letter, of one of so many intervals. */
function seenIn(intervals: number, some: readonly Letter[] = letters): readonly Seen[] {
  return keptRows(some).map(({ owner, letter }) => {
    return { agent: owner, interval: Math.floor(((some[letter]?.at ?? 0) * intervals) / 1000) };
  });
}

function scoresOf(seen: readonly Seen[]): PairTable {
  const attempt = rowSums(AGENTS, seen);
  if (attempt === undefined || 'notAttempted' in attempt) throw new Error('nothing adds up');
  return attempt.scores;
}

describe('rows that add up interval by interval', () => {
  it('tell pairs, the more so the more intervals there are', () => {
    const volumes = new Tally(AGENTS);
    for (const { agent } of seenIn(1)) volumes.add(agent, 1);
    const areas = [4, 10, 40].map((intervals) => areaOf(scoresOf(seenIn(intervals)), truth));

    expect(areas[0]).toBeGreaterThan(areaOf(volumePrior(volumes), truth));
    expect(areas).toEqual(areas.toSorted((one, other) => one - other));
    expect(areas.at(-1)).toBeGreaterThan(0.95);
  });

  it('gives a pair the rows that only it can have, and all that there are to all pairs', () => {
    const scores = scoresOf([
      ...[0, 1, 0, 1].map((agent) => ({ agent, interval: 0 })),
      ...[2, 3].map((agent) => ({ agent, interval: 1 })),
    ]);
    expect(scores.at(0, 1)).toBeCloseTo(2, 9);
    expect(scores.at(3, 2)).toBeCloseTo(1, 9);
    expect(scores.values.reduce((sum, rows) => sum + rows, 0)).toBeCloseTo(6, 9);
  });

  it('tell nothing of other names, and in one interval nothing that volumes do not', () => {
    expect(areaOfPermuted(letters, scoresOf(seenIn(10)), 5)).toBeCloseTo(0.5, 1);
    expect(rowSums(AGENTS, seenIn(1))).toBeUndefined();
    expect(rowSums(AGENTS, [])).toBeUndefined();
  });

  it('are level where all agents have the same rows at all times', () => {
    const seen = [0, 1, 2].flatMap((interval) =>
      Array.from({ length: AGENTS }, (_, agent) => ({ agent, interval })),
    );
    expect(areaOf(scoresOf(seen), truth)).toBeCloseTo(0.5, 9);
  });

  it('come out the same in any order of rows', () => {
    const seen = seenIn(10);
    expect(scoresOf(seen.toReversed()).values).toEqual(scoresOf(seen).values);
  });

  it('are not tried where that would take too long', () => {
    const seen = [0, 1].flatMap((interval) =>
      Array.from({ length: 1000 }, (_, agent) => ({ agent, interval })),
    );
    expect(rowSums(1000, seen)).toEqual({ notAttempted: expect.stringContaining('2000000 pairs') });
  });
});

describe('rows of which the time is coarse', () => {
  const dayOf = (letter: number): number => FIRST + DAY * Math.floor((letters[letter]?.at ?? 0) / 100);
  const named = tableOfRows('whatever', keptRows(letters), {
    when: ['integer', ({ letter }) => dayOf(letter)],
  });

  it('are found by what the column looks like, in the table with most of them', () => {
    const few = tableOfRows('other', keptRows(letters.slice(0, 40)), { at: ['integer', () => FIRST] });
    const seen = rowsByDay([few, named], AGENTS);
    expect(areaOf(scoresOf(seen), truth)).toBe(areaOf(scoresOf(seenIn(10)), truth));
  });

  it('are none where each row has a time of its own, or numbers are no times', () => {
    const exact = tableOfRows('exact', keptRows(letters), {
      at: ['integer', ({ letter }) => FIRST + letter],
    });
    const small = tableOfRows('small', keptRows(letters), { at: ['integer', ({ letter }) => letter % 7] });
    expect(rowsByDay([exact, small], AGENTS)).toEqual([]);
  });

  it('are less what each agent has as much of, such as the rows of joining', () => {
    const joining = Array.from({ length: AGENTS }, (_, owner) => ({
      owner,
      peer: owner,
      isReceived: false,
      letter: 0,
    }));
    const rows = [...joining, ...keptRows(letters)];
    const seen = rowsByDay(
      [
        tableOfRows('with', rows, {
          when: ['integer', ({ letter }) => dayOf(letter)],
          kind: ['id', ({ owner, peer }) => Number(owner === peer)],
        }),
      ],
      AGENTS,
    );
    expect(seen).toEqual(rowsByDay([named], AGENTS));
  });
});

describe('an observer of public actions', () => {
  let planter: Planter;

  beforeEach(async () => {
    planter = await Planter.open(4);
  });

  afterEach(() => planter.close());

  it('tells by days who is with whom, and its own clock is that of its rows', async () => {
    const days: readonly (readonly number[])[] = [
      [0, 1],
      [2, 3],
      [0, 1, 2, 3],
      [0, 0, 1, 1],
    ];
    for (const [day, authors] of days.entries()) {
      for (const author of [...authors, ...authors, ...authors, ...authors]) {
        await planter.create(author, {
          visibility: 'private',
          body: planter.bytes(900),
          at: FIRST + day * DAY,
        });
      }
    }
    const { owned } = await examine(new Crawler(planter.db), planter);
    const attempt = rowSums(4, rowsByDay(owned, 4));
    if (attempt === undefined || 'notAttempted' in attempt) throw new Error('nothing adds up');

    expect(attempt.scores.at(0, 1)).toBeGreaterThan(100 * attempt.scores.at(0, 2));
    expect(attempt.scores.at(2, 3)).toBeGreaterThan(100 * attempt.scores.at(1, 3));
    expect(rowsByOwnClock(owned, 4)).toEqual([]);
  });
});
