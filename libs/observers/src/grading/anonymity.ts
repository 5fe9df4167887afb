import { type PairTable } from '../pairs/pair-table.js';

/** How well hidden one agent's peers are, given what an observer believes. Entropy alone misleads: a sure error has none. */
export interface Anonymity {
  /** H = −Σ p log₂ p, in bits. */
  readonly entropyBits: number;
  /** 2^H: as many peers as would be as uncertain, were they equally likely (Serjantov & Danezis 2002). */
  readonly effectiveSet: number;
  /** H / log₂ N, from 0 to 1 (Díaz, Seys, Claessens & Preneel 2002); 0 for a single candidate. */
  readonly degree: number;
  /** 1 when the likeliest peer is a true one; of several likeliest, the share that is. */
  readonly top1: number;
  /** −Σ t log₂ p, with t the true shares of messages: what the truth costs the observer, in bits. */
  readonly logLossBits: number;
}

/** So that what was held impossible costs 52 bits, and not infinitely many. */
const LEAST_PROBABILITY = 2 ** -52;

/** Weights ≥ 0 as probabilities; all alike when there is no weight at all. */
export function proportional(weights: Float64Array): Float64Array {
  const sum = weights.reduce((total, weight) => total + Math.max(0, weight), 0);
  if (sum === 0) return weights.map(() => 1 / weights.length);
  return weights.map((weight) => Math.max(0, weight) / sum);
}

/** exp(s) / Σ exp(s): probabilities of scores that are logarithms, such as z-scores taken for them. */
export function softmax(scores: Float64Array): Float64Array {
  const highest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  return proportional(scores.map((score) => Math.exp(score - highest)));
}

/**
 * @param posterior over the candidates, sums to 1
 * @param messages really exchanged with each candidate, at least one
 */
export function anonymityOf(posterior: Float64Array, messages: Float64Array): Anonymity {
  const entropyBits = posterior.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
  const candidates = posterior.length;
  const truth = proportional(messages);
  return {
    entropyBits,
    effectiveSet: 2 ** entropyBits,
    degree: candidates > 1 ? entropyBits / Math.log2(candidates) : 0,
    top1: hitsAmongLikeliest(posterior, messages),
    logLossBits: truth.reduce(
      (sum, share, peer) => sum - share * Math.log2(Math.max(posterior[peer] ?? 0, LEAST_PROBABILITY)),
      0,
    ),
  };
}

function hitsAmongLikeliest(posterior: Float64Array, messages: Float64Array): number {
  const highest = posterior.reduce((most, p) => Math.max(most, p), 0);
  const likeliest = [...posterior.keys()].filter((peer) => posterior[peer] === highest);
  return likeliest.filter((peer) => (messages[peer] ?? 0) > 0).length / likeliest.length;
}

/** For each agent that has a peer, in both tables without direction; `null` for the others. */
export function anonymityOfEach(
  scores: PairTable,
  truth: PairTable,
  posteriorOf: (scores: Float64Array) => Float64Array,
): readonly (Anonymity | null)[] {
  const [believed, real] = [scores.symmetrised(), truth.symmetrised()];
  return Array.from({ length: scores.agents }, (_, agent) => {
    const messages = real.othersOf(agent);
    return messages.some((count) => count > 0)
      ? anonymityOf(posteriorOf(believed.othersOf(agent)), messages)
      : null;
  });
}
