import { describe, expect, it } from '@jest/globals';
import {
  type Look,
  type OwnedTable,
  type PairTable,
  type UnnamedColumn,
  mailboxSums,
  sumCluesOf,
  weighedLike,
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

const AGENTS = 16;
const letters = lettersOf(AGENTS, 160, 5);
const truth = truthOf(AGENTS, letters);

/** Each letter lies in the mailbox of its direction, and its receipt in the other one. */
function mailboxes(some: readonly Letter[]): UnnamedColumn {
  const boxes = new Map<number, undefined[]>();
  const put = (from: number, to: number): void => {
    const box = 7919 * (from * AGENTS + to);
    boxes.set(box, [...(boxes.get(box) ?? []), undefined]);
  };
  for (const { from, to } of some) {
    put(from, to);
    put(to, from);
  }
  return { field: 'letterbox.slot', boxes, requests: [] };
}

function drawer(some: readonly Letter[]): OwnedTable {
  return tableOfRows('drawer', keptRows(some), {});
}

/** One row for each peer. */
function acquaintances(some: readonly Letter[]): OwnedTable {
  const rows = new Map(keptRows(some).map((row) => [`${row.owner} ${row.peer}`, row]));
  return tableOfRows('acquaintance', [...rows.values()], {});
}

function lookAt(some: readonly Letter[], others: readonly OwnedTable[] = []): Look {
  return { owned: [drawer(some), ...others], unnamed: [mailboxes(some)] };
}

function scoresOf(look: Look, before: readonly Look[] = []): PairTable {
  const clues = sumCluesOf(look, AGENTS);
  if (clues === undefined) throw new Error('nothing adds up');
  const attempt = mailboxSums(
    clues,
    before.map((earlier) => weighedLike(clues, earlier)),
  );
  if ('notAttempted' in attempt) throw new Error(attempt.notAttempted);
  return attempt.scores;
}

const volumes = areaOf(scoresOf({ owned: [drawer(letters)], unnamed: [mailboxes(letters)] }), truth);

describe('mailboxes that add up to the rows of agents', () => {
  it('are found by their sum, whatever they are called', () => {
    const other = tableOfRows('other', keptRows(letters.slice(0, 40)), {});
    const clues = sumCluesOf(lookAt(letters, [other, acquaintances(letters)]), AGENTS);
    expect([clues?.mailboxes, clues?.table]).toEqual(['letterbox.slot', 'drawer']);
    expect(clues?.degrees?.values.reduce((sum, degree) => sum + degree, 0)).toBe(
      mailboxes(letters).boxes.size,
    );
  });

  it('tell pairs by whose rows they add up to, more so where it is known how many peers each has', () => {
    const known = areaOf(scoresOf(lookAt(letters, [acquaintances(letters)])), truth);
    expect(volumes).toBeGreaterThan(0.6);
    expect(known).toBeGreaterThan(0.8);
    expect(known).toBeGreaterThan(volumes);
  });

  it('tell nearly all pairs when they are seen to grow', () => {
    const until = (time: number): Look => lookAt(letters.filter(({ at }) => at < time));
    const look = lookAt(letters, [acquaintances(letters)]);
    expect(areaOf(scoresOf(look, [until(250), until(500), until(750)]), truth)).toBeGreaterThan(0.95);
  });

  it('tell nothing of agents under other names, and the same each time', () => {
    const look = lookAt(letters, [acquaintances(letters)]);
    const scores = scoresOf(look);
    expect(Math.abs(areaOfPermuted(letters, scores, 4) - 0.5)).toBeLessThan(0.05);
    expect(scoresOf(look).values).toEqual(scores.values);
  });

  it('are none where nothing adds up', () => {
    const look = { owned: [drawer(letters.slice(0, 100))], unnamed: [mailboxes(letters)] };
    expect(sumCluesOf(look, AGENTS)).toBeUndefined();
  });
});

describe('more mailboxes than can be assigned', () => {
  it('are not attempted, and it is said why', () => {
    const boxes = new Map(Array.from({ length: 20_000 }, (_, box) => [box, [undefined, undefined]]));
    const owners = Array.from({ length: 40_000 }, (_, row) => (row < 30_000 ? 0 : row % AGENTS));
    const look = {
      owned: [{ table: 'drawer', owners, columns: [], at: [] }],
      unnamed: [{ field: 'letterbox.slot', boxes, requests: [] }],
    };
    const clues = sumCluesOf(look, AGENTS);
    expect(clues && mailboxSums(clues)).toEqual({
      notAttempted: '20000 mailboxes would take more than 8000000 moves',
    });
  });
});
