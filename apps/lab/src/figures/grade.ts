import {
  type PairTable,
  SeededRandom,
  auc,
  aucInterval,
  gradeScores,
  rankPairs,
  rocCurve,
} from '@musubi/observers';
import { type AttackReport, type GraphReport } from '../report/report.js';
import { type Attack, POSTERIORS, type Verdict } from './attacks.js';

export interface Judging {
  readonly truth: PairTable;
  readonly seed: number;
}

const ROC_POINTS = 100;

/** How much of the true graph a verdict has right. */
export function gradeOf({ scores, believed, posterior }: Verdict, { truth, seed }: Judging): GraphReport {
  const figures = gradeScores(scores, truth, {
    random: new SeededRandom(seed),
    believed,
    posteriorOf: POSTERIORS[posterior],
  });
  const roc = rocCurve(rankPairs(scores, truth), ROC_POINTS);
  return {
    ...figures,
    bestF1: figures.bestF1.f1,
    anonymity: { posterior, ...figures.anonymity },
    roc: roc.map(({ falsePositiveRate, truePositiveRate }) => [falsePositiveRate, truePositiveRate] as const),
  };
}

/** Fewer than for a party's main figure: there are several attacks for each. */
const REPLICATES = 200;
/** Half a million pairs take 4 s to draw 200 times, and their interval is narrow. */
const MANY_PAIRS = 100_000;
const REPLICATES_OF_MANY = 100;

/** AUC alone, with its interval. */
export function areaOf({ attack, scores }: Attack, { truth, seed }: Judging): AttackReport {
  const ranking = rankPairs(scores, truth);
  const random = new SeededRandom(seed);
  const pairs = ranking.positiveCount + ranking.negativeCount;
  const replicates = pairs > MANY_PAIRS ? REPLICATES_OF_MANY : REPLICATES;
  return { attack, auc: auc(ranking), aucInterval: aucInterval(ranking, { random, replicates }) };
}
