import { describe, expect, it } from '@jest/globals';
import { type Attempt, type PairTable, type Seen, rowSums, sampledSums } from '@musubi/observers';
import {
  type Letter,
  areaOf,
  areaOfPermuted,
  keptRows,
  lettersOf,
  truthOf,
} from './support/conversations.js';

const AGENTS = 24;
const letters = lettersOf(AGENTS, 240, 3);
const truth = truthOf(AGENTS, letters);

/** So many rows at each end of each letter, of one of so many intervals. */
function seenIn(intervals: number, rows = 1, some: readonly Letter[] = letters): readonly Seen[] {
  return keptRows(some).flatMap(({ owner, letter }) => {
    const interval = Math.floor(((some[letter]?.at ?? 0) * intervals) / 1000);
    return Array.from({ length: rows }, () => ({ agent: owner, interval }));
  });
}

/** So many rows of one agent in one interval. */
function rowsOf(agent: number, interval: number, count: number): readonly Seen[] {
  return Array.from({ length: count }, () => ({ agent, interval }));
}

function scoresOf(attempt: Attempt | undefined): PairTable {
  if (attempt === undefined || 'notAttempted' in attempt) throw new Error('nothing adds up');
  return attempt.scores;
}

const sampled = (agents: number, seen: readonly Seen[]): PairTable => scoresOf(sampledSums(agents, seen));

describe('sampled messages that add up interval by interval', () => {
  it('find pairs that scaled sums do not, where pairs have several messages at once', () => {
    const talks = letters.flatMap((letter) =>
      Array.from({ length: 1 + (Math.floor(letter.at) % 5) }, () => letter),
    );
    const seen = seenIn(15, 1, talks);
    const scaled = areaOf(scoresOf(rowSums(AGENTS, seen)), truth);
    const found = areaOf(sampled(AGENTS, seen), truth);

    expect(found).toBeGreaterThan(scaled);
    expect(found).toBeGreaterThan(0.95);
  });

  it('find as much where a message makes two rows at either end', () => {
    expect(areaOf(sampled(AGENTS, seenIn(40, 2)), truth)).toBeGreaterThan(0.97);
  });

  it('find a planted leak: rows that only two agents can have', () => {
    const seen = [
      ...[0, 1].flatMap((agent) => rowsOf(agent, 0, 3)),
      ...[2, 3].flatMap((agent) => rowsOf(agent, 0, 7)),
      ...[4, 5].flatMap((agent) => rowsOf(agent, 1, 2)),
    ];
    const scores = sampled(6, seen);
    for (const [a, b] of [
      [0, 1],
      [2, 3],
      [4, 5],
    ] as const)
      expect(scores.at(b, a)).toBeGreaterThan(0.9);
    for (const [a, b] of [
      [0, 2],
      [1, 3],
      [3, 4],
    ] as const)
      expect(scores.at(a, b)).toBeLessThan(0.1);
  });

  it('tell nothing of other names', () => {
    expect(areaOfPermuted(letters, sampled(AGENTS, seenIn(10)), 5)).toBeCloseTo(0.5, 1);
  });

  it('tell nothing where all agents have the same rows, or nobody has any', () => {
    const alike = [0, 1, 2].flatMap((interval) =>
      Array.from({ length: AGENTS }, (_, agent) => rowsOf(agent, interval, 2)).flat(),
    );
    expect(sampledSums(AGENTS, alike)).toBeUndefined();
    expect(sampledSums(AGENTS, [])).toBeUndefined();
    expect(sampledSums(AGENTS, [...rowsOf(3, 0, 8), ...rowsOf(3, 1, 8)])).toBeUndefined();
    expect(sampledSums(AGENTS, seenIn(1))).toBeUndefined();
  });

  it('give no pair to who has all rows alone, or an odd one', () => {
    const scores = sampled(4, [
      ...rowsOf(0, 0, 5),
      ...rowsOf(1, 0, 4),
      ...rowsOf(2, 1, 4),
      ...rowsOf(3, 1, 4),
    ]);
    expect(scores.at(0, 1)).toBeGreaterThan(0.9);
    expect(scores.at(2, 0)).toBeLessThan(1e-3);
    expect(scores.at(0, 0)).toBeLessThan(1e-3);
  });

  it('come out the same in any order of rows, and again', () => {
    const seen = seenIn(10);
    const { values } = sampled(AGENTS, seen);
    expect(sampled(AGENTS, seen).values).toEqual(values);
    expect(sampled(AGENTS, seen.toReversed()).values).toEqual(values);
  });

  it('are not tried where that would take too long or too much memory', () => {
    const many = Array.from({ length: 60_000 }, (_, row) => ({ agent: row % 7, interval: row % 2 }));
    expect(sampledSums(8, many)).toEqual({ notAttempted: expect.stringContaining('moves') });
    expect(
      sampledSums(
        3000,
        [0, 1].flatMap((agent) => [...rowsOf(agent, 0, 1), ...rowsOf(agent, 1, 1)]),
      ),
    ).toEqual({
      notAttempted: expect.stringContaining('pairs'),
    });
  });
});
