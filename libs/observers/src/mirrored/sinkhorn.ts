/** Unordered pairs among `size` things, each with the logarithm of its weight; those that are not there weigh 0. */
export interface SparsePairs {
  readonly size: number;
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly logs: Float64Array;
}

/** What having no partner weighs, beside a best partner of 1: some have none, and scaling comes to an end. */
const ALONE = 1e-4;
const ROUNDS = 200;
const CLOSE = 1e-6;

/**
 * Probabilities of being partners, where each thing has one partner or none: the weights, scaled by a factor for each
 * thing so that its probabilities sum to 1 (Sinkhorn & Knopp 1967; in the form that keeps them symmetric, Knight, Ruiz
 * & Uçar, "A symmetry preserving algorithm for matrix scaling", SIAM J. Matrix Anal. Appl. 35, 2014).
 */
export function partnersOf(pairs: SparsePairs): Float64Array {
  const { size, first, second } = pairs;
  const weights = balanced(pairs);
  const factors = new Float64Array(size).fill(1);
  const sums = new Float64Array(size);
  for (let round = 0; round < ROUNDS; round += 1) {
    sums.fill(ALONE);
    weights.forEach((weight, pair) => {
      const [a, b] = [first[pair] ?? 0, second[pair] ?? 0];
      sums[a] = (sums[a] ?? 0) + weight * (factors[b] ?? 0);
      sums[b] = (sums[b] ?? 0) + weight * (factors[a] ?? 0);
    });
    if (refined(factors, sums) < CLOSE) break;
  }
  return weights.map((weight, pair) =>
    Math.min(1, weight * (factors[first[pair] ?? 0] ?? 0) * (factors[second[pair] ?? 0] ?? 0)),
  );
}

/** @returns the greatest change, as a share */
function refined(factors: Float64Array, sums: Float64Array): number {
  let greatest = 0;
  factors.forEach((factor, thing) => {
    const next = Math.sqrt(factor / (sums[thing] ?? 1));
    greatest = Math.max(greatest, Math.abs(next - factor) / next);
    factors[thing] = next;
  });
  return greatest;
}

/** Weights of which each thing's best is 1 or near it, so that no exponential overflows. Scaling takes such factors out again. */
function balanced({ size, first, second, logs }: SparsePairs): Float64Array {
  const best = new Float64Array(size).fill(-Infinity);
  logs.forEach((log, pair) => {
    for (const thing of [first[pair] ?? 0, second[pair] ?? 0])
      best[thing] = Math.max(best[thing] ?? -Infinity, log);
  });
  return logs.map((log, pair) =>
    Math.exp(log - ((best[first[pair] ?? 0] ?? 0) + (best[second[pair] ?? 0] ?? 0)) / 2),
  );
}
