import { describe, expect, it } from '@jest/globals';
import { type Block, type Round, compare, intervalOfMedian } from './against.js';

const BLOCK = { acts: 100, seconds: 1, apiCpuSeconds: 0.2, postgresCpuSeconds: 0.1 };

function times(block: Block, factor: number): Block {
  const { acts, seconds, apiCpuSeconds, postgresCpuSeconds } = block;
  const cost = { apiCpuSeconds: apiCpuSeconds * factor, postgresCpuSeconds: postgresCpuSeconds * factor };
  return { acts, seconds: seconds * factor, ...cost };
}

/** A machine that gets slower all the time, and a build that takes so many times as much as the other. */
function roundAt(slowness: number, factor: number): Round {
  const [first, second, third, fourth] = [0, 1, 2, 3].map((step) => times(BLOCK, slowness + step));
  if (!first || !second || !third || !fourth) throw new Error('four steps are four blocks');
  return { before: [first, fourth], now: [times(second, factor), times(third, factor)] };
}

const ratiosOf = (rounds: readonly Round[]): Record<string, number> =>
  Object.fromEntries(compare(rounds).map(({ figure, ratio }) => [figure, Number(ratio.toFixed(6))]));

describe('the comparison of two builds', () => {
  it('finds none between equal builds on a machine that gets slower', () => {
    expect(ratiosOf([1, 5, 9].map((slowness) => roundAt(slowness, 1)))).toEqual({
      'acts/s': 1,
      'CPU ms/act': 1,
      'API ms/act': 1,
      'PostgreSQL ms/act': 1,
    });
  });

  it('finds the factor between them, however the rounds differ', () => {
    const ratios = ratiosOf([1, 5, 9].map((slowness) => roundAt(slowness, 1.25)));

    expect(ratios).toEqual({
      'acts/s': 0.8,
      'CPU ms/act': 1.25,
      'API ms/act': 1.25,
      'PostgreSQL ms/act': 1.25,
    });
  });

  it('gives the cost of an act in milliseconds', () => {
    const [, cpu] = compare([roundAt(1, 1)]);

    expect(cpu?.before).toBeCloseTo(7.5);
  });
});

describe('the interval of a median', () => {
  it('is made of the 40th and the 61st of 100 values, as tables of order statistics have it', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);

    expect(intervalOfMedian(values)).toEqual([40, 61]);
  });

  it('is everything where there are too few values to leave any out', () => {
    expect(intervalOfMedian([3, 1, 2])).toEqual([1, 3]);
  });
});
