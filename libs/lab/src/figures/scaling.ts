import { type ScalingReport } from '../report/report.js';
import { estimateOf } from './estimate.js';

/** What was measured with one number of senders. */
export interface Throughput extends Rate {
  /** X(N), round by round. */
  readonly rounds: readonly number[];
}

interface Rate {
  /** N */
  readonly concurrency: number;
  /** X(N) */
  readonly perSecond: number;
}

interface Law {
  readonly lambda: number;
  readonly sigma: number;
  readonly kappa: number;
}

const FEWEST_POINTS = 3;
const STEPS = 60;
const ROUNDS = 6;

/**
 * The Universal Scalability Law X(N) = λN / (1 + σ(N − 1) + κN(N − 1)) (Gunther 1993, 2007). With as many points as
 * parameters it can go through all of them, and r² then says nothing of how well the law holds.
 * @returns `null` for fewer than three points
 */
export function fitScaling(points: readonly Throughput[]): ScalingReport | null {
  if (new Set(points.map(({ concurrency }) => concurrency)).size < FEWEST_POINTS) return null;
  const law = lawOf(points);
  const roundCount = Math.min(...points.map(({ rounds }) => rounds.length));
  const laws = Array.from({ length: roundCount }, (_, round) =>
    lawOf(points.map(({ concurrency, rounds }) => ({ concurrency, perSecond: rounds[round] ?? 0 }))),
  );
  const interval = (of: (one: Law) => number) => estimateOf([of(law), ...laws.map(of)]).interval;
  return {
    ...law,
    lambdaInterval: interval(({ lambda }) => lambda),
    sigmaInterval: interval(({ sigma }) => sigma),
    kappaInterval: interval(({ kappa }) => kappa),
    r2: determinationOf(points, law),
  };
}

/** By least squares of X: λ in closed form, σ and κ by search, none of them negative. */
function lawOf(points: readonly Rate[]): Law {
  const [sigma, kappa] = searchMinimum((s, k) => errorOf(points, s, k));
  return { lambda: bestLambda(points, sigma, kappa), sigma, kappa };
}

function determinationOf(points: readonly Rate[], { sigma, kappa }: Law): number {
  const mean = points.reduce((sum, { perSecond }) => sum + perSecond, 0) / points.length;
  const spread = points.reduce((sum, { perSecond }) => sum + (perSecond - mean) ** 2, 0);
  return spread === 0 ? 1 : 1 - errorOf(points, sigma, kappa) / spread;
}

/** X(N)/λ */
function shapeOf(n: number, sigma: number, kappa: number): number {
  return n / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

function bestLambda(points: readonly Rate[], sigma: number, kappa: number): number {
  const shapes = points.map(({ concurrency }) => shapeOf(concurrency, sigma, kappa));
  const dot = points.reduce((sum, { perSecond }, index) => sum + perSecond * (shapes[index] ?? 0), 0);
  return dot / shapes.reduce((sum, shape) => sum + shape ** 2, 0);
}

function errorOf(points: readonly Rate[], sigma: number, kappa: number): number {
  const lambda = bestLambda(points, sigma, kappa);
  return points.reduce(
    (sum, { concurrency, perSecond }) => sum + (perSecond - lambda * shapeOf(concurrency, sigma, kappa)) ** 2,
    0,
  );
}

/** Over σ in [0, 1] and κ in [0, 1]: a grid that closes in on its best point, denser towards 0. */
function searchMinimum(error: (sigma: number, kappa: number) => number): readonly [number, number] {
  let best = { sigma: 0, kappa: 0, error: error(0, 0) };
  let reach = 1;
  for (let round = 0; round < ROUNDS; round += 1) {
    const center = best;
    for (let s = -STEPS; s <= STEPS; s += 1) {
      for (let k = -STEPS; k <= STEPS; k += 1) {
        const sigma = clamp(center.sigma + reach * (s / STEPS) ** 3);
        const kappa = clamp(center.kappa + reach * (k / STEPS) ** 3);
        const found = error(sigma, kappa);
        if (found < best.error) best = { sigma, kappa, error: found };
      }
    }
    reach /= 8;
  }
  return [best.sigma, best.kappa];
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
