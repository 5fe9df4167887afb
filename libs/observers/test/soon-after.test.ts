import { describe, expect, it } from '@jest/globals';
import { activityOf, soonAfterCounts, soonAfterScores } from '@musubi/observers';
import fc from 'fast-check';
import { rowsOf, tableOf } from './support/tables.js';

describe('who acts soon after whom', () => {
  const activity = activityOf(3, [
    { agent: 0, at: 0 },
    { agent: 1, at: 1 },
    { agent: 0, at: 10 },
    { agent: 1, at: 11 },
  ]);

  it('is counted within the window', () => {
    expect(rowsOf(soonAfterCounts(activity, 2))).toEqual([
      [0, 2, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(soonAfterCounts(activity, 9).at(1, 0)).toBe(1);
  });

  it('is held against what chance would give: n_a·n_b·W/T', () => {
    const scores = soonAfterScores(activity, { window: 2, span: 20 });

    // exp = 2 · 2 · 2 / 20 = 0.4; z = 1.6 / √0.9 one way and −0.4 / √0.9 the other.
    expect(scores.at(0, 1)).toBeCloseTo(0.6 / Math.sqrt(0.9), 12);
    expect(scores.at(1, 0)).toBe(scores.at(0, 1));
    expect([scores.at(0, 0), scores.at(0, 2)]).toEqual([0, 0]);
  });

  it('is held against half of all pairs of acts where the window holds everything: a burst says nothing', () => {
    const burst = activityOf(
      3,
      Array.from({ length: 40 }, (_, at) => ({ agent: at % 2, at })),
    );
    const scores = soonAfterScores(burst, { window: 1000 });

    expect(scores.at(0, 1)).toBeCloseTo(0, 12);
  });

  it('counts as comparing every two acts would', () => {
    const acts = fc.array(
      fc.record({ agent: fc.integer({ min: 0, max: 3 }), at: fc.integer({ min: 0, max: 40 }) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(acts, fc.integer({ min: 1, max: 10 }), (all, window) => {
        const sorted = all.toSorted((a, b) => a.at - b.at);
        const expected = tableOf(
          [0, 1, 2, 3].map((a) => [0, 1, 2, 3].map((b) => countBrute(sorted, [a, b], window))),
        );
        expect(soonAfterCounts(activityOf(4, all), window).values).toEqual(expected.values);
      }),
    );
  });

  it('needs a span of time', () => {
    expect(() => soonAfterScores(activityOf(2, [{ agent: 0, at: 5 }]), { window: 1 })).toThrow(RangeError);
  });
});

function countBrute(
  acts: readonly { readonly agent: number; readonly at: number }[],
  [a, b]: readonly [number, number],
  window: number,
): number {
  return acts
    .flatMap((first, i) => acts.slice(i + 1).map((next) => ({ first, next })))
    .filter(({ first, next }) => first.agent === a && next.agent === b && next.at - first.at <= window)
    .length;
}
