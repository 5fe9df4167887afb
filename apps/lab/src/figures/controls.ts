import {
  type GraphFigures,
  type PairTable,
  SeededRandom,
  Tally,
  gradeScores,
  leakyControl,
  proportional,
  quantile,
  rankPairs,
  uniformControl,
  volumePrior,
} from '@musubi/observers';
import { type AnonymityReport, type Controls, type GraphReport } from '../report/report.js';
import { gradeOf } from './grade.js';

/** A score that sees nothing, one that sees volumes only, and one that sees every pair. */
export function controlsOf(truth: PairTable, seed: number): Controls {
  const grade = (scores: PairTable): GraphReport =>
    gradeOf({ scores, believed: scores, posterior: 'proportional' }, { truth, seed });
  return {
    uniform: uniformOf(truth, seed),
    volume: grade(volumeOf(truth)),
    leaky: grade(leakyControl(truth, 1, new SeededRandom(seed))),
  };
}

/** What each agent has sent and received is all that it knows. */
export function volumeOf(truth: PairTable): PairTable {
  const volumes = new Tally(truth.agents);
  const both = truth.symmetrised();
  for (let agent = 0; agent < truth.agents; agent += 1) {
    both.othersOf(agent).forEach((messages) => {
      volumes.add(agent, messages);
    });
  }
  return volumePrior(volumes);
}

/** The standard error that the mean of all guesses may have. */
const STANDARD_ERROR = 0.003;
const FEWEST_DRAWS = 5;

/**
 * The mean of many guesses: a single one of few pairs may lie far from 0.5. As many are drawn as it takes, by the
 * variance of AUC where nothing is known, (P + N + 1) / (12 P N). The interval is that of single guesses.
 */
function uniformOf(truth: PairTable, seed: number): GraphReport {
  const random = new SeededRandom(seed);
  const { positiveCount, negativeCount } = rankPairs(truth, truth);
  const variance = (positiveCount + negativeCount + 1) / (12 * positiveCount * negativeCount);
  const draws = Math.max(FEWEST_DRAWS, Math.ceil(variance / STANDARD_ERROR ** 2));
  const guesses = Array.from({ length: draws }, () =>
    gradeScores(uniformControl(truth.agents, random), truth, {
      random,
      replicates: 1,
      posteriorOf: proportional,
    }),
  );
  const [first] = guesses;
  if (first === undefined) throw new RangeError('nothing was drawn');
  const meanOf = (figure: (guess: GraphFigures) => number | null): number => mean(guesses.map(figure));
  const areas = Float64Array.from(guesses, ({ auc }) => auc).sort();
  return {
    pairs: first.pairs,
    truePairs: first.truePairs,
    baseRate: first.baseRate,
    auc: meanOf(({ auc }) => auc),
    aucInterval: [quantile(areas, 0.025), quantile(areas, 0.975)],
    averagePrecision: meanOf(({ averagePrecision }) => averagePrecision),
    precisionAtEdges: meanOf(({ precisionAtEdges }) => precisionAtEdges),
    bestF1: meanOf(({ bestF1 }) => bestF1.f1),
    firstPeerShare: meanOf(({ firstPeerShare }) => firstPeerShare),
    medianPeerRank: meanOf(({ medianPeerRank }) => medianPeerRank),
    degreeCorrelation: meanOf(({ degreeCorrelation }) => degreeCorrelation),
    weightCorrelation: meanOf(({ weightCorrelation }) => weightCorrelation),
    anonymity: meanAnonymity(guesses.map(({ anonymity }) => anonymity)),
    roc: [
      [0, 0],
      [1, 1],
    ],
  };
}

function meanAnonymity(all: readonly Omit<AnonymityReport, 'posterior'>[]): AnonymityReport {
  return {
    posterior: 'proportional',
    entropyBits: mean(all.map(({ entropyBits }) => entropyBits)),
    effectiveSet: mean(all.map(({ effectiveSet }) => effectiveSet)),
    degree: mean(all.map(({ degree }) => degree)),
    top1: mean(all.map(({ top1 }) => top1)),
    logLossBits: mean(all.map(({ logLossBits }) => logLossBits)),
  };
}

/** Of those that there are. */
function mean(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
}
