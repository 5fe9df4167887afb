import { describe, expect, it } from '@jest/globals';
import { gradeScores, proportional } from '@musubi/observers';
import { pairsOf } from './support/tables.js';

describe('what an observer believes', () => {
  it('can be another table than the one that ranks pairs', () => {
    const truth = pairsOf(4, [[0, 1, 3]]);
    const scores = pairsOf(4, [
      [0, 1, 9],
      [2, 3, 1],
    ]);
    const figuresBy = (believed: typeof scores): ReturnType<typeof gradeScores> =>
      gradeScores(scores, truth, { posteriorOf: proportional, believed });
    const [same, none] = [figuresBy(scores), figuresBy(pairsOf(4, []))];
    expect([same.anonymity.entropyBits, same.auc]).toEqual([0, none.auc]);
    expect(none.anonymity.effectiveSet).toBeCloseTo(3);
  });
});
