import { describe, expect, it } from '@jest/globals';
import {
  type GraphFigures,
  type Interval,
  type PairTable,
  SeededRandom,
  auc,
  aucInterval,
  gradeScores,
  leakyControl,
  leastSquaresDisclosure,
  rankPairs,
  roundsOf,
  softmax,
  soonAfterScores,
  statisticalDisclosure,
  uniformControl,
  volumePrior,
  volumesOf,
} from '@musubi/observers';
import { trafficOf } from './support/traffic.js';

const SMALL = { agents: 60, messages: 4000, peersEach: 2, seed: 11 };

function gradeOf(scores: PairTable, truth: PairTable): GraphFigures {
  return gradeScores(scores, truth, { posteriorOf: softmax });
}

function intervalOf(scores: PairTable, truth: PairTable): Interval {
  return aucInterval(rankPairs(scores, truth), { random: new SeededRandom(5), replicates: 200 });
}

describe('the controls', () => {
  const { truth, acts } = trafficOf(SMALL);

  it('guesses at 0.5, within the interval', () => {
    const guess = uniformControl(SMALL.agents, new SeededRandom(2));
    const [low, high] = intervalOf(guess, truth);
    expect(Math.abs(gradeOf(guess, truth).auc - 0.5)).toBeLessThan(0.08);
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
  });

  it('finds the graph where both names are on each message, also when it misses a third', () => {
    expect(auc(rankPairs(leakyControl(truth, 2 / 3, new SeededRandom(3)), truth))).toBeGreaterThanOrEqual(
      0.99,
    );
    expect(leakyControl(truth, 1, new SeededRandom(3)).values).toEqual(truth.values);
  });

  it('multiplies volumes', () => {
    const volumes = volumesOf(acts);
    const prior = volumePrior(volumes);
    expect(prior.at(3, 8)).toBe(volumes.at(3) * volumes.at(8));
    expect([prior.at(8, 3) === prior.at(3, 8), prior.at(3, 3)]).toEqual([true, 0]);
  });
});

describe('the attacks on traffic that is seen from outside', () => {
  it('find who writes to whom from who sends and who receives at one time', () => {
    const { truth, sent, received } = trafficOf(SMALL);
    const rounds = roundsOf(sent, received, 8);

    expect(gradeOf(statisticalDisclosure(SMALL.agents, rounds), truth).auc).toBeGreaterThan(0.95);
    expect(gradeOf(leastSquaresDisclosure(SMALL.agents, rounds), truth).auc).toBeGreaterThan(0.95);
  });

  it('find it from who acts alone, where receipts follow at once, and not where there are none', () => {
    const withReceipts = trafficOf({ ...SMALL, receiptAfter: 2 });
    const without = trafficOf(SMALL);
    const scoresOf = ({ acts }: typeof without): PairTable => soonAfterScores(acts, { window: 2 });

    expect(gradeOf(scoresOf(withReceipts), withReceipts.truth).auc).toBeGreaterThan(0.99);
    const [low, high] = intervalOf(scoresOf(without), without.truth);
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
  });
});

describe('a thousand agents and sixty thousand messages', () => {
  const LARGE = { agents: 1000, messages: 60_000, peersEach: 3, seed: 4, receiptAfter: 5 };

  it('are inferred and graded in seconds, below 500 MB', () => {
    const before = process.cpuUsage();
    const { truth, sent, received, acts } = trafficOf(LARGE);
    const rounds = roundsOf(sent, received, 30);
    const answered = soonAfterScores(acts, { window: 5 });
    const areas = [
      statisticalDisclosure(LARGE.agents, rounds),
      leastSquaresDisclosure(LARGE.agents, rounds),
    ].map((scores) => auc(rankPairs(scores, truth)));

    expect(Math.min(...areas, gradeOf(answered, truth).auc)).toBeGreaterThan(0.99);
    // Some 6 s on a machine of its own, 12 under Jest; not counting what others do on it.
    expect(process.cpuUsage(before).user).toBeLessThan(60_000_000);
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(500_000_000);
  }, 120_000);
});
