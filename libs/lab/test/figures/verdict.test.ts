import { describe, expect, it } from '@jest/globals';
import { PairTable, Tally, activityOf, auc, messagesBetween, rankPairs } from '@musubi/observers';
import { type Timeline } from '../../src/figures/attacks.js';
import { verdictOf } from '../../src/figures/verdict.js';

const AGENTS = 6;
/** The first three are an agent's own; it is 0. */
const MESSAGES: readonly (readonly [from: number, to: number, many: number])[] = [
  [0, 1, 2],
  [2, 3, 9],
  [4, 5, 5],
];
const truth = messagesBetween(
  AGENTS,
  MESSAGES.flatMap(([from, to, many]) => Array.from({ length: many }, () => ({ from, to }))),
);
const nothing = new PairTable(AGENTS);

const volumes = new Tally(AGENTS);
for (const [from, to, many] of MESSAGES) for (const agent of [from, to]) volumes.add(agent, many);

function cluesOf(pairs: PairTable): Parameters<typeof verdictOf>[0] {
  const byKind = { 'named-together': pairs, 'shared-value': nothing };
  return { evidence: { pairs, byKind, witnesses: [] }, volumes };
}

function tableOf(...pairs: readonly (readonly [a: number, b: number, score: number])[]): PairTable {
  const table = new PairTable(AGENTS);
  for (const [a, b, score] of pairs) {
    table.add(a, b, score);
    table.add(b, a, score);
  }
  return table;
}

/** Acts at one time, which tell nothing, or two that follow one another. */
function timelineOf(...at: readonly number[]): Timeline {
  const activity = activityOf(
    AGENTS,
    at.map((time, act) => ({ agent: 2 + act, at: time })),
  );
  const clock = {
    unit: 'microseconds' as const,
    window: 2,
    unreadable: null,
    times: () => (time: number) => time,
  };
  return { clock, activity, sizes: { agents: AGENTS, classes: [] }, missing: 0 };
}

const areaOf = (scores: PairTable): number => auc(rankPairs(scores, truth));
const own = tableOf([0, 1, 1]);

describe('what a party takes for the graph', () => {
  it('is rows that tell of pairs first, and for all other pairs what it would be without such rows', () => {
    const without = verdictOf(cluesOf(nothing), [timelineOf()]).scores;
    const withOwn = verdictOf(cluesOf(own), [timelineOf()]).scores;
    expect(areaOf(withOwn)).toBeGreaterThan(areaOf(without));
    expect(withOwn.at(0, 1)).toBeGreaterThanOrEqual(1);
    expect(withOwn.at(2, 3)).toBeGreaterThan(withOwn.at(4, 5));
    expect(Math.max(...[...withOwn.values].filter((score) => score < 1))).toBe(0.5);
  });

  it('takes what was inferred before volumes, below what rows tell', () => {
    const inferred = tableOf([2, 3, 0.1], [4, 5, 0.2], [0, 1, 0.3]);
    const { scores, posterior } = verdictOf(cluesOf(own), [timelineOf()], { inferred });
    expect([scores.at(0, 1), scores.at(4, 5), scores.at(1, 5)]).toEqual([1.5, 0.2 / 0.6, 0]);
    expect([posterior, areaOf(scores)]).toEqual(['proportional', 1]);
  });

  it('takes timing before volumes', () => {
    const { scores } = verdictOf(cluesOf(own), [timelineOf(10, 11, 50, 90)]);
    expect(scores.at(2, 3)).toBeGreaterThan(scores.at(4, 5));
    const { scores: alone, posterior } = verdictOf(cluesOf(nothing), [timelineOf(10, 11, 50, 90)]);
    expect([posterior, alone.at(2, 3) > alone.at(4, 5)]).toEqual(['softmax', true]);
  });

  it('leaves out the agent that it is itself, whose rows tell all its peers', () => {
    const many = new Tally(AGENTS);
    [99, 2, 9, 9, 5, 5].forEach((rows, agent) => {
      many.add(agent, rows);
    });
    const clues = { ...cluesOf(own), volumes: many };
    const [known, unknown] = [{ self: 0 }, {}].map(
      (beyond) => verdictOf(clues, [timelineOf()], beyond).scores,
    );
    expect(known?.at(0, 2)).toBe(0);
    expect(known?.at(2, 0)).toBe(0);
    expect(areaOf(known ?? nothing)).toBeGreaterThan(areaOf(unknown ?? nothing));
  });
});
