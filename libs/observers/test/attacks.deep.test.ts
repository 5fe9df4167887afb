import { describe, expect, it } from '@jest/globals';
import {
  type GraphFigures,
  type Interval,
  type PairTable,
  SeededRandom,
  Tally,
  auc,
  aucInterval,
  gradeScores,
  leakyControl,
  leastSquaresDisclosure,
  lesserVolume,
  messagesBetween,
  rankPairs,
  roundsOf,
  softmax,
  soonAfterScores,
  statisticalDisclosure,
  uniformControl,
  volumePrior,
  volumesOf,
} from '@musubi/observers';
import { slowness } from '../../../test/support/slowness.js';
import { areaOfPermuted, keptRows, lettersOf } from './support/conversations.js';
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
    expect(prior.at(3, 8)).toBe((volumes.at(3) + 0.5) * (volumes.at(8) + 0.5));
    expect([prior.at(8, 3) === prior.at(3, 8), prior.at(3, 3)]).toEqual([true, 0]);
  });
});

describe('the volume prior', () => {
  const volumes = new Tally(4);
  it('has nothing to go by where all volumes are alike', () => {
    expect(volumePrior(volumes).values.every((score) => score === 0)).toBe(true);
  });

  it('tells the pairs of an agent without any apart', () => {
    [0, 0, 2, 5].forEach((count, agent) => {
      volumes.add(agent, count);
    });
    const prior = volumePrior(volumes);
    expect(prior.at(0, 3)).toBeGreaterThan(prior.at(0, 2));
    expect(prior.at(0, 2)).toBeGreaterThan(prior.at(0, 1));
  });
});

describe('the lesser volume', () => {
  it('takes a pair for as likely as the one of it writes much who writes less', () => {
    const volumes = new Tally(4);
    [9, 1, 2, 5].forEach((count, agent) => {
      volumes.add(agent, count);
    });
    const scores = lesserVolume(volumes);
    const falling = [
      [0, 3],
      [2, 3],
      [0, 2],
      [1, 2],
      [1, 3],
      [0, 1],
    ].map(([a = 0, b = 0]) => scores.between(a, b));
    expect(falling).toEqual(falling.toSorted((one, other) => other - one));
    expect(new Set(falling).size).toBe(6);
    expect(scores.at(1, 1)).toBe(0);
    expect(Math.min(...falling)).toBeGreaterThan(0);
  });

  it('finds more than their product where each agent has one peer', () => {
    const messages = Array.from({ length: 12 }, (_, pair) =>
      Array.from({ length: 1 + pair }, () => ({ from: 2 * pair, to: 2 * pair + 1 })),
    ).flat();
    const paired = messagesBetween(24, messages);
    const volumes = new Tally(24);
    for (const { from, to } of messages) for (const agent of [from, to]) volumes.add(agent, 1);
    const [lesser, product] = [lesserVolume(volumes), volumePrior(volumes)].map((scores) =>
      auc(rankPairs(scores, paired)),
    );
    expect(lesser).toBeGreaterThan((product ?? 1) + 0.1);
  });

  it('has nothing to go by where all volumes are alike', () => {
    expect(lesserVolume(new Tally(4)).values.every((score) => score === 0)).toBe(true);
  });

  it('guesses under other names', () => {
    const letters = lettersOf(24, 240, 3);
    const volumes = new Tally(24);
    for (const { owner } of keptRows(letters)) volumes.add(owner, 1);
    expect(areaOfPermuted(letters, lesserVolume(volumes), 5)).toBeCloseTo(0.5, 1);
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
    expect(process.cpuUsage(before).user).toBeLessThan(60_000_000 * slowness());
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(500_000_000);
  });
});
