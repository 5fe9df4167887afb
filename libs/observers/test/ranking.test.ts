import { describe, expect, it } from '@jest/globals';
import {
  PairTable,
  auc,
  averagePrecision,
  baseRate,
  bestF1,
  precisionAt,
  rank,
  rankPairs,
  rocCurve,
} from '@musubi/observers';
import fc from 'fast-check';
import { floats, pairsOf } from './support/tables.js';

/** scikit-learn's example of roc_auc_score and average_precision_score. */
const EXAMPLE = rank(floats(0.35, 0.8), floats(0.1, 0.4));

/** Few different values, so that there are ties. */
const scores = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 30 });
const labelled = fc.record({ hits: scores, misses: scores });

/** By trapezoids. */
function areaBelow(curve: ReturnType<typeof rocCurve>): number {
  return curve.slice(1).reduce((sum, point, index) => {
    const before = curve[index] ?? point;
    const width = point.falsePositiveRate - before.falsePositiveRate;
    return sum + (width * (point.truePositiveRate + before.truePositiveRate)) / 2;
  }, 0);
}

function bruteAuc(hits: readonly number[], misses: readonly number[]): number {
  const won = hits.flatMap((hit) => misses.map((miss) => (Math.sign(hit - miss) + 1) / 2));
  return won.reduce((sum, each) => sum + each, 0) / won.length;
}

describe('AUC', () => {
  it('is 0.75 in the example of scikit-learn', () => {
    expect(auc(EXAMPLE)).toBe(0.75);
  });

  it('counts a tie as half a win', () => {
    expect(auc(rank(floats(1, 2), floats(1)))).toBe(0.75);
    expect(auc(rank(floats(3, 3), floats(3, 3, 3)))).toBe(0.5);
  });

  it('is how often a true pair stands above another', () => {
    fc.assert(
      fc.property(labelled, ({ hits, misses }) => {
        expect(auc(rank(floats(...hits), floats(...misses)))).toBeCloseTo(bruteAuc(hits, misses), 12);
      }),
    );
  });

  it('is the area below the ROC curve', () => {
    fc.assert(
      fc.property(labelled, ({ hits, misses }) => {
        const ranking = rank(floats(...hits), floats(...misses));
        expect(areaBelow(rocCurve(ranking))).toBeCloseTo(auc(ranking), 12);
      }),
    );
  });

  it('depends on the order only, and turns over with it', () => {
    fc.assert(
      fc.property(labelled, ({ hits, misses }) => {
        const under = (map: (score: number) => number): number =>
          auc(rank(floats(...hits.map(map)), floats(...misses.map(map))));
        const plain = under((score) => score);
        expect(under((score) => Math.exp(score) - 7)).toBeCloseTo(plain, 12);
        expect(under((score) => -score)).toBeCloseTo(1 - plain, 12);
      }),
    );
  });

  it('is refused where every pair is true, or none', () => {
    expect(() => auc(rank(floats(1), floats()))).toThrow(RangeError);
    expect(() => auc(rank(floats(), floats(1)))).toThrow(RangeError);
  });
});

describe('a ranking of pairs', () => {
  it('has each unordered pair once, with the mean of its directions', () => {
    const believed = new PairTable(3);
    believed.add(0, 1, 4);
    believed.add(2, 1, 1);
    believed.add(1, 2, 5);
    const ranking = rankPairs(believed, pairsOf(3, [[0, 1, 1]]));

    expect([...ranking.thresholds]).toEqual([3, 2, 0]);
    expect([...ranking.positives]).toEqual([0, 1, 0]);
    expect([...ranking.negatives]).toEqual([1, 0, 1]);
  });

  it('counts a pair as true whichever way its messages went', () => {
    const truth = new PairTable(3);
    truth.add(2, 0, 1);
    expect(rankPairs(new PairTable(3), truth).positiveCount).toBe(1);
  });

  it('refuses a score that is not a number, and tables that do not fit', () => {
    expect(() => rankPairs(pairsOf(3, [[0, 1, NaN]]), new PairTable(3))).toThrow(
      'of 0 and 1 is not a number',
    );
    expect(() => rankPairs(new PairTable(3), new PairTable(4))).toThrow(RangeError);
  });
});

describe('precision', () => {
  it('comes to 5/6 on the average in the example of scikit-learn', () => {
    expect(averagePrecision(EXAMPLE)).toBeCloseTo(5 / 6, 12);
  });

  it('is the base rate where nothing is told apart', () => {
    const blind = rank(floats(1, 1), floats(1, 1, 1));
    expect([averagePrecision(blind), precisionAt(blind, 2), baseRate(blind)]).toEqual([0.4, 0.4, 0.4]);
  });

  it('is that of the highest, and expected where a group is cut', () => {
    const ranking = rank(floats(9, 5), floats(7, 5, 5));
    expect(precisionAt(ranking, 1)).toBe(1);
    expect(precisionAt(ranking, 2)).toBe(0.5);
    expect(precisionAt(ranking, 3)).toBeCloseTo((1 + 1 / 3) / 3, 12);
    expect(precisionAt(ranking, 5)).toBeCloseTo(0.4, 12);
  });

  it('is the base rate over all pairs, and never above 1', () => {
    fc.assert(
      fc.property(labelled, ({ hits, misses }) => {
        const ranking = rank(floats(...hits), floats(...misses));
        expect(precisionAt(ranking, hits.length + misses.length)).toBeCloseTo(baseRate(ranking), 12);
        expect(averagePrecision(ranking)).toBeLessThanOrEqual(1);
        expect(averagePrecision(ranking)).toBeGreaterThan(0);
      }),
    );
  });
});

describe('the best F1', () => {
  it('is 0.8 in the example, at the lowest true score', () => {
    expect(bestF1(EXAMPLE)).toEqual({ f1: 0.8, threshold: 0.35, precision: 2 / 3, recall: 1 });
  });

  it('is not beaten by any other threshold', () => {
    fc.assert(
      fc.property(labelled, ({ hits, misses }) => {
        const f1At = (threshold: number): number => {
          const found = hits.filter((hit) => hit >= threshold).length;
          const called = found + misses.filter((miss) => miss >= threshold).length;
          return (2 * found) / (called + hits.length);
        };
        const best = bestF1(rank(floats(...hits), floats(...misses)));
        expect(best.f1).toBeCloseTo(Math.max(...[...hits, ...misses].map(f1At)), 12);
        expect(f1At(best.threshold)).toBeCloseTo(best.f1, 12);
      }),
    );
  });
});

describe('a ROC curve for drawing', () => {
  const numbers = (from: number): Float64Array => Float64Array.from({ length: 500 }, (_, i) => from + 2 * i);

  it('keeps both ends', () => {
    const curve = rocCurve(rank(numbers(1), numbers(0)), 50);

    expect(curve.length).toBeLessThanOrEqual(50);
    expect(curve[0]).toEqual({ threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 });
    expect(curve.at(-1)).toEqual({ threshold: 0, falsePositiveRate: 1, truePositiveRate: 1 });
  });

  it('keeps its corners: of one that knows all, the corner alone', () => {
    const curve = rocCurve(rank(numbers(2000), numbers(0)), 50);

    expect(curve.map((point) => [point.falsePositiveRate, point.truePositiveRate])).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
  });

  it('has the area of the whole one, to a hundredth', () => {
    fc.assert(
      fc.property(labelled, ({ hits, misses }) => {
        const spread = [...hits.keys()].map((i) => (hits[i] ?? 0) + Math.sin(i));
        const many = Array.from({ length: 40 }, (_, i) => spread.map((score) => score + Math.sin(i))).flat();
        const ranking = rank(floats(...many), floats(...misses.flatMap((score) => [score, score / 2])));
        expect(Math.abs(areaBelow(rocCurve(ranking, 50)) - auc(ranking))).toBeLessThan(0.0105);
      }),
    );
  });
});
