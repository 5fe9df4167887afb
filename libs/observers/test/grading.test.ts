import { describe, expect, it } from '@jest/globals';
import {
  PairTable,
  anonymityOf,
  anonymityOfEach,
  averageRanks,
  degreeCorrelation,
  gradeScores,
  messagesUntilRankOne,
  peerRanks,
  proportional,
  softmax,
  spearman,
  weightCorrelation,
} from '@musubi/observers';
import fc from 'fast-check';
import { floats, pairsOf, tableOf } from './support/tables.js';

const weights = fc
  .array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 20 })
  .filter((all) => all.some((weight) => weight > 0));

describe('anonymity', () => {
  it('has 1.75 bits for ½, ¼, ⅛, ⅛', () => {
    const figures = anonymityOf(floats(0.5, 0.25, 0.125, 0.125), floats(0, 3, 0, 1));

    expect(figures.entropyBits).toBe(1.75);
    expect(figures.effectiveSet).toBeCloseTo(3.3636, 4);
    expect(figures.degree).toBe(0.875);
    expect(figures.top1).toBe(0);
    expect(figures.logLossBits).toBe(0.75 * 2 + 0.25 * 3);
  });

  it('is whole where all are alike, and nothing where one is certain', () => {
    const alike = anonymityOf(floats(0.25, 0.25, 0.25, 0.25), floats(1, 0, 0, 0));
    const certain = anonymityOf(floats(1, 0, 0, 0), floats(1, 0, 0, 0));

    expect(alike).toEqual({ entropyBits: 2, effectiveSet: 4, degree: 1, top1: 0.25, logLossBits: 2 });
    expect(certain).toMatchObject({ entropyBits: 0, effectiveSet: 1, degree: 0, top1: 1 });
    expect(certain.logLossBits).toBeCloseTo(0, 12);
  });

  it('tells a sure error from a sure hit by log-loss, which entropy does not', () => {
    const error = anonymityOf(floats(1, 0), floats(0, 1));
    expect(error).toMatchObject({ entropyBits: 0, top1: 0, logLossBits: 52 });
  });

  it('is between nothing and log₂ N, and log-loss is least for the truth itself', () => {
    fc.assert(
      fc.property(weights, (all) => {
        const truth = proportional(floats(...all));
        const own = anonymityOf(truth, floats(...all));
        const guess = anonymityOf(
          truth.map(() => 1 / all.length),
          floats(...all),
        );
        expect(own.degree).toBeGreaterThanOrEqual(-1e-12);
        expect(own.degree).toBeLessThanOrEqual(1 + 1e-12);
        expect(own.logLossBits).toBeCloseTo(own.entropyBits, 9);
        expect(guess.logLossBits).toBeGreaterThanOrEqual(own.logLossBits - 1e-9);
      }),
    );
  });

  it('takes scores for weights or for logarithms', () => {
    expect([...proportional(floats(1, 3, -5))]).toEqual([0.25, 0.75, 0]);
    expect([...proportional(floats(0, 0))]).toEqual([0.5, 0.5]);
    expect(softmax(floats(1000, 1000 + Math.log(3)))[1]).toBeCloseTo(0.75, 9);
  });

  it('leaves out who has no peer', () => {
    const truth = pairsOf(3, [[0, 1, 2]]);
    const each = anonymityOfEach(truth, truth, proportional);
    expect(each.map((figures) => figures?.top1)).toEqual([1, 1, undefined]);
  });
});

describe('Spearman’s correlation', () => {
  it('is −29/165 in the textbook’s example of IQ and hours of television', () => {
    const iq = floats(106, 100, 86, 101, 99, 103, 97, 113, 112, 110);
    const hours = floats(7, 27, 2, 50, 28, 29, 20, 12, 6, 17);
    expect(spearman(iq, hours)).toBeCloseTo(-29 / 165, 12);
  });

  it('gives equal values the mean of their ranks', () => {
    expect([...averageRanks(floats(10, 20, 20, 5))]).toEqual([2, 3.5, 3.5, 1]);
    expect(spearman(floats(1, 2, 2, 3), floats(1, 2, 3, 4))).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
  });

  it('is nothing where one side does not vary', () => {
    expect(spearman(floats(1, 2, 3), floats(4, 4, 4))).toBeNull();
  });

  it('is 1 under a rising map, −1 under a falling one', () => {
    fc.assert(
      fc.property(weights, (all) => {
        fc.pre(new Set(all).size > 1);
        const [xs, cubes] = [floats(...all), floats(...all.map((x) => x ** 3))];
        expect(spearman(xs, cubes)).toBeCloseTo(1, 12);
        expect(
          spearman(
            xs,
            cubes.map((x) => -x),
          ),
        ).toBeCloseTo(-1, 12);
      }),
    );
  });
});

describe('the place of the true peer', () => {
  const truth = pairsOf(4, [
    [0, 1, 5],
    [0, 2, 1],
  ]);

  it('counts who scores more, and ties by half', () => {
    const scores = pairsOf(4, [
      [0, 1, 3],
      [0, 2, 9],
      [0, 3, 3],
      [1, 2, 1],
    ]);
    expect(peerRanks(scores, truth)).toEqual([2.5, 1, 1, null]);
  });

  it('is the best place of several peers that are as busy', () => {
    const equal = pairsOf(4, [
      [0, 1, 5],
      [0, 2, 5],
    ]);
    expect(peerRanks(pairsOf(4, [[0, 2, 1]]), equal)[0]).toBe(1);
  });

  it('is first since the last time that it was not', () => {
    const right = pairsOf(4, [
      [0, 1, 1],
      [0, 2, 0.5],
    ]);
    const wrong = pairsOf(4, [[0, 3, 1]]);
    const glimpses = [right, wrong, right, right].map((scores, index) => ({
      messages: 10 * index,
      ranks: peerRanks(scores, truth),
    }));
    expect(messagesUntilRankOne(glimpses)).toEqual([20, 20, 20, null]);
    expect(messagesUntilRankOne(glimpses.slice(0, 2))).toEqual([null, null, null, null]);
  });
});

describe('the grade of an observer', () => {
  const truth = tableOf([
    [0, 4, 0, 0],
    [2, 0, 1, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ]);

  it('is perfect for one that sees every message', () => {
    const figures = gradeScores(truth, truth, { posteriorOf: proportional });

    expect(figures).toMatchObject({
      pairs: 6,
      truePairs: 2,
      baseRate: 1 / 3,
      auc: 1,
      averagePrecision: 1,
      precisionAtEdges: 1,
      bestF1: { f1: 1, threshold: 0.5 },
      medianPeerRank: 1,
      firstPeerShare: 1,
      degreeCorrelation: 1,
      weightCorrelation: 1,
    });
    expect(figures.anonymity.top1).toBe(1);
  });

  it('is that of a guess for one that sees nothing', () => {
    const figures = gradeScores(new PairTable(4), truth, { posteriorOf: softmax });

    expect(figures).toMatchObject({ auc: 0.5, medianPeerRank: 2, firstPeerShare: 0 });
    expect(figures.averagePrecision).toBeCloseTo(1 / 3, 12);
    expect(figures.degreeCorrelation).toBeNull();
    expect(figures.anonymity.effectiveSet).toBeCloseTo(3, 9);
  });

  it('asks for degrees by the scores above 0, and for weights among true pairs only', () => {
    const scores = pairsOf(4, [
      [0, 1, 1],
      [1, 2, 2],
      [0, 3, -9],
    ]);
    expect(degreeCorrelation(scores, truth)).toBeCloseTo(
      spearman(floats(1, 3, 2, 0), floats(6, 7, 1, 0)) ?? 0,
      12,
    );
    expect(weightCorrelation(scores, truth)).toBe(-1);
  });
});
