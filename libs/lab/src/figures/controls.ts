import {
  type PairTable,
  SeededRandom,
  Tally,
  leakyControl,
  lesserVolume,
  quantile,
  rankPairs,
  uniformControl,
} from '@musubi/observers';
import { type Controls, type GraphReport } from '../report/report.js';
import { gradeAlone, gradeOf } from './grade.js';
import { meanGrade } from './mean-grade.js';
import { type Verdict } from './verdict.js';

/** A score that sees nothing, one that sees volumes only, and one that sees every pair. */
export function controlsOf(truth: PairTable, seed: number): Controls {
  const grade = (scores: PairTable): GraphReport => gradeOf([countsOf(scores)], { truth, seed });
  return {
    uniform: uniformOf(truth, seed),
    volume: grade(volumeOf(truth)),
    leaky: grade(leakyControl(truth, 1, new SeededRandom(seed))),
  };
}

function countsOf(scores: PairTable): Verdict {
  return { scores, believed: scores, posterior: 'proportional' };
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
  return lesserVolume(volumes);
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
    gradeAlone(countsOf(uniformControl(truth.agents, random)), truth),
  );
  const areas = guesses.map(({ auc }) => auc);
  return {
    ...meanGrade(guesses),
    aucInterval: [quantile(areas, 0.025), quantile(areas, 0.975)],
    roc: [
      [0, 0],
      [1, 1],
    ],
  };
}
