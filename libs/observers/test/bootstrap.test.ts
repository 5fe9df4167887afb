import { describe, expect, it } from '@jest/globals';
import {
  type Ranking,
  SeededRandom,
  auc,
  aucInterval,
  aucIntervalAmong,
  defaultReplicates,
  quantile,
  rank,
} from '@musubi/observers';
import { floats } from './support/tables.js';

/** True pairs score somewhat higher. */
function overlapping(seed: number, { hits, misses }: { hits: number; misses: number }): Ranking {
  const random = new SeededRandom(seed);
  const draw = (length: number, shift: number): Float64Array =>
    Float64Array.from({ length }, () => Math.round((random.float() + shift) * 200));
  return rank(draw(hits, 0.2), draw(misses, 0));
}

/** DeLong's standard error (DeLong, DeLong & Clarke-Pearson 1988), by its definition. */
function standardError(hits: readonly number[], misses: readonly number[]): number {
  const win = (hit: number, miss: number): number => (Math.sign(hit - miss) + 1) / 2;
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = (values: readonly number[]): number => {
    const middle = mean(values);
    return values.reduce((sum, v) => sum + (v - middle) ** 2, 0) / (values.length - 1);
  };
  const ofHits = hits.map((hit) => mean(misses.map((miss) => win(hit, miss))));
  const ofMisses = misses.map((miss) => mean(hits.map((hit) => win(hit, miss))));
  return Math.sqrt(variance(ofHits) / hits.length + variance(ofMisses) / misses.length);
}

function spread({ thresholds }: Ranking, counts: Uint32Array): number[] {
  return [...counts].flatMap((count, group) => Array<number>(count).fill(thresholds[group] ?? 0));
}

describe('the bootstrap interval of AUC', () => {
  it('is as wide as DeLong’s standard error says', () => {
    const ranking = overlapping(7, { hits: 80, misses: 400 });
    const [low, high] = aucInterval(ranking, { random: new SeededRandom(1), replicates: 2000 });
    const error = standardError(spread(ranking, ranking.positives), spread(ranking, ranking.negatives));

    expect((high - low) / (2 * 1.96 * error)).toBeGreaterThan(0.9);
    expect((high - low) / (2 * 1.96 * error)).toBeLessThan(1.1);
    expect(auc(ranking)).toBeGreaterThan(low);
    expect(auc(ranking)).toBeLessThan(high);
  });

  it('covers the true AUC nineteen times in twenty', () => {
    // P(U + 0.2 > V) for U, V uniform: 1 − 0.8²/2.
    const covered = Array.from({ length: 100 }, (_, seed) => {
      const ranking = overlapping(seed, { hits: 60, misses: 120 });
      const [low, high] = aucInterval(ranking, { random: new SeededRandom(seed + 1000), replicates: 300 });
      return low <= 0.68 && 0.68 <= high;
    });
    expect(covered.filter(Boolean).length).toBeGreaterThanOrEqual(88);
  });

  it('is the same for the same seed', () => {
    const ranking = overlapping(3, { hits: 20, misses: 50 });
    const with9 = (): readonly number[] => aucInterval(ranking, { random: new SeededRandom(9) });
    expect(with9()).toEqual(with9());
    expect(with9()).not.toEqual(aucInterval(ranking, { random: new SeededRandom(10) }));
  });

  it('is a point where the pairs are fully told apart', () => {
    const random = new SeededRandom(1);
    expect(aucInterval(rank(floats(5, 6), floats(1, 2, 3)), { random })).toEqual([1, 1]);
  });

  it('draws fewer times where there are many pairs', () => {
    const counts = { positives: new Uint32Array(), negatives: new Uint32Array(), positiveCount: 0 };
    expect(defaultReplicates({ ...counts, negativeCount: 780 })).toBe(1000);
    expect(defaultReplicates({ ...counts, negativeCount: 499_500 })).toBe(200);
  });
});

describe('the interval of one of several observers', () => {
  const seeing = overlapping(1, { hits: 40, misses: 120 });
  const blind = rank(floats(...Array<number>(40).fill(0)), floats(...Array<number>(120).fill(0)));

  it('reaches from what one of them has to what another has', () => {
    const [low, high] = aucIntervalAmong([seeing, blind, blind], { random: new SeededRandom(1) });
    expect(low).toBe(0.5);
    expect(high).toBeGreaterThan(auc(seeing));
  });

  it('holds the one of fifteen that has more than all others', () => {
    const observers = [seeing, ...Array<Ranking>(14).fill(blind)];
    const [, high] = aucIntervalAmong(observers, { random: new SeededRandom(1) });
    expect(high).toBeGreaterThanOrEqual(auc(seeing));
  });

  it('is that of its pairs where there is one, or all see the same', () => {
    const random = (): { random: SeededRandom } => ({ random: new SeededRandom(9) });
    expect(aucIntervalAmong([seeing], random())).toEqual(aucInterval(seeing, random()));
    expect(aucIntervalAmong([seeing, seeing], random())).toEqual(aucInterval(seeing, random()));
  });

  it('is of nobody where nobody looked', () => {
    expect(() => aucIntervalAmong([], { random: new SeededRandom(1) })).toThrow(RangeError);
  });
});

describe('a quantile', () => {
  it('is linear between its neighbours, as R’s type 7', () => {
    const values = floats(1, 2, 3, 4, 10);
    expect([0, 0.25, 0.5, 0.9375, 1].map((p) => quantile(values, p))).toEqual([1, 2, 3, 8.5, 10]);
  });
});

describe('seeded randomness', () => {
  it('is even', () => {
    const random = new SeededRandom(42);
    const counts = [0, 0, 0, 0, 0];
    for (let draw = 0; draw < 50_000; draw += 1) {
      const at = random.below(5);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    // Six standard deviations of a binomial (50,000, 1/5): 6 · 89.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(540);
  });
});
