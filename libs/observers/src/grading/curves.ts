import { type Ranking } from './ranking.js';

interface RocPoint {
  /** Pairs that score at least this are called true; ∞ calls none so. */
  readonly threshold: number;
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
}

export interface BestF1 {
  readonly f1: number;
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
}

/** True and other pairs that score at least the threshold. */
interface Cut {
  readonly threshold: number;
  readonly hits: number;
  readonly falseAlarms: number;
}

function* cutsOf({ thresholds, positives, negatives }: Ranking): Generator<Cut> {
  let [hits, falseAlarms] = [0, 0];
  for (const [group, threshold] of thresholds.entries()) {
    hits += positives[group] ?? 0;
    falseAlarms += negatives[group] ?? 0;
    yield { threshold, hits, falseAlarms };
  }
}

/**
 * (FP/N, TP/P) at each threshold, from (0, 0) to (1, 1); the area below it, by trapezoids, is the AUC.
 * @param atMost keeps no more points than that, for drawing: the corners of the curve, and where there are more of them, one
 * in each of so many equal steps along it, both ends among them. Up and right together the whole way is 2, so that the
 * area changes by little more than 1 / (2 atMost).
 */
export function rocCurve(ranking: Ranking, atMost = Infinity): readonly RocPoint[] {
  const start: RocPoint = { threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 };
  const points = Array.from(cutsOf(ranking), ({ threshold, hits, falseAlarms }) => ({
    threshold,
    falsePositiveRate: falseAlarms / ranking.negativeCount,
    truePositiveRate: hits / ranking.positiveCount,
  }));
  return Number.isFinite(atMost) ? thinned([start, ...points], atMost) : [start, ...points];
}

function thinned(points: readonly RocPoint[], atMost: number): readonly RocPoint[] {
  const corners = points.filter((point, index) => isCorner(point, points[index - 1], points[index + 1]));
  if (corners.length <= atMost) return corners;
  const stepOf = (point: RocPoint | undefined): number =>
    point === undefined
      ? Infinity
      : Math.floor(((point.falsePositiveRate + point.truePositiveRate) / 2) * (atMost - 2));
  return corners.filter((point, index) => index === 0 || stepOf(point) < stepOf(corners[index + 1]));
}

/** Whether the curve goes on in another direction there than it came. */
function isCorner(point: RocPoint, before: RocPoint | undefined, after: RocPoint | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  const turn =
    (point.falsePositiveRate - before.falsePositiveRate) * (after.truePositiveRate - point.truePositiveRate) -
    (after.falsePositiveRate - point.falsePositiveRate) * (point.truePositiveRate - before.truePositiveRate);
  return Math.abs(turn) > 1e-15;
}

/** Average precision: Σ (R_k − R_{k−1}) P_k over the thresholds, without interpolation (Davis & Goadrich 2006). */
export function averagePrecision(ranking: Ranking): number {
  let [sum, before] = [0, 0];
  for (const { hits, falseAlarms } of cutsOf(ranking)) {
    sum += ((hits - before) / ranking.positiveCount) * (hits / (hits + falseAlarms));
    before = hits;
  }
  return sum;
}

/** The share of true pairs among the `count` highest; where a group is cut, its expectation over random order. */
export function precisionAt(ranking: Ranking, count: number): number {
  let [hits, left] = [0, count];
  for (const [group, here] of ranking.positives.entries()) {
    const size = here + (ranking.negatives[group] ?? 0);
    const taken = Math.min(left, size);
    hits += (here * taken) / size;
    left -= taken;
    if (left === 0) break;
  }
  return hits / count;
}

/** The threshold with the highest F1 = 2PR / (P + R) = 2TP / (2TP + FP + FN) (van Rijsbergen 1979); the highest such. */
export function bestF1(ranking: Ranking): BestF1 {
  let best: BestF1 = { f1: 0, threshold: Infinity, precision: 0, recall: 0 };
  for (const { threshold, hits, falseAlarms } of cutsOf(ranking)) {
    const called = hits + falseAlarms;
    const f1 = (2 * hits) / (called + ranking.positiveCount);
    if (f1 > best.f1) {
      best = { f1, threshold, precision: hits / called, recall: hits / ranking.positiveCount };
    }
  }
  return best;
}

/** The share of pairs that are true: what average precision and precision come to for guessing. */
export function baseRate({ positiveCount, negativeCount }: Ranking): number {
  return positiveCount / (positiveCount + negativeCount);
}
