import { type PairTable } from '../pairs/pair-table.js';

/**
 * All unordered pairs by score, the highest first, pairs of one score in one group. Everything that depends on
 * the order of pairs only is computed from this.
 */
export interface Ranking {
  /** The groups' scores, falling. */
  readonly thresholds: Float64Array;
  /** True pairs in each group. */
  readonly positives: Uint32Array;
  /** Other pairs in each group. */
  readonly negatives: Uint32Array;
  readonly positiveCount: number;
  readonly negativeCount: number;
}

/**
 * Ranks the n(n−1)/2 unordered pairs. A pair's score is the mean of its two directions; it is true when any message
 * went either way. Nobody is its own pair.
 * @throws RangeError when a score is not a number, or the tables are of different agents
 */
export function rankPairs(scores: PairTable, truth: PairTable): Ranking {
  if (scores.agents !== truth.agents) throw new RangeError('scores and truth are of different agents');
  const { positives, negatives } = split(scores, truth);

  return rank(positives, negatives);
}

function split(
  scores: PairTable,
  truth: PairTable,
): { readonly positives: Float64Array; readonly negatives: Float64Array } {
  const all = (scores.agents * (scores.agents - 1)) / 2;
  const [positives, negatives] = [new Float64Array(all), new Float64Array(all)];
  let [hits, misses] = [0, 0];
  for (let a = 0; a < scores.agents; a += 1) {
    for (let b = a + 1; b < scores.agents; b += 1) {
      const score = scores.between(a, b);
      if (Number.isNaN(score)) throw new RangeError(`the score of ${a} and ${b} is not a number`);
      if (truth.between(a, b) > 0) positives[hits++] = score;
      else negatives[misses++] = score;
    }
  }
  return { positives: positives.slice(0, hits), negatives: negatives.slice(0, misses) };
}

/** Ranks the scores of true pairs and of others. */
export function rank(trueScores: Float64Array, otherScores: Float64Array): Ranking {
  // Native sorting of numbers rises, and is much faster than with a comparison of one's own.
  const [hits, misses] = [new Descent(trueScores.toSorted()), new Descent(otherScores.toSorted())];
  const most = trueScores.length + otherScores.length;
  const thresholds = new Float64Array(most);
  const [positives, negatives] = [new Uint32Array(most), new Uint32Array(most)];
  let groups = 0;
  for (; !hits.isDone || !misses.isDone; groups += 1) {
    const score = Math.max(hits.next, misses.next);
    thresholds[groups] = score;
    positives[groups] = hits.take(score);
    negatives[groups] = misses.take(score);
  }
  return {
    thresholds: thresholds.slice(0, groups),
    positives: positives.slice(0, groups),
    negatives: negatives.slice(0, groups),
    positiveCount: trueScores.length,
    negativeCount: otherScores.length,
  };
}

/** A rising list, read from its end. */
class Descent {
  private left: number;

  constructor(private readonly rising: Float64Array) {
    this.left = rising.length;
  }

  get isDone(): boolean {
    return this.left === 0;
  }

  get next(): number {
    return this.rising[this.left - 1] ?? -Infinity;
  }

  /** How many of the next are this score. */
  take(score: number): number {
    const before = this.left;
    while (this.left > 0 && this.rising[this.left - 1] === score) this.left -= 1;
    return before - this.left;
  }
}
