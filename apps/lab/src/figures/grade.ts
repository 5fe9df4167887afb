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

/** AUC alone, with its interval. */
export function areaOf({ attack, scores }: Attack, { truth, seed }: Judging): AttackReport {
  const ranking = rankPairs(scores, truth);
  const random = new SeededRandom(seed);
  return { attack, auc: auc(ranking), aucInterval: aucInterval(ranking, { random, replicates: REPLICATES }) };
}
