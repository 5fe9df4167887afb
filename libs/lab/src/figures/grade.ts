import {
  type PairTable,
  SeededRandom,
  auc,
  aucIntervalAmong,
  gradeScores,
  rankPairs,
  rocCurve,
} from '@musubi/observers';
import { type AttackReport, type GraphReport } from '../report/report.js';
import { type AttackOfEach } from './attacks.js';
import { type Grade, mean, meanGrade } from './mean-grade.js';
import { POSTERIORS, type Verdict } from './verdict.js';

export interface Judging {
  readonly truth: PairTable;
  readonly seed: number;
}

const ROC_POINTS = 100;

/** How much of the true graph a verdict has right; of several parties of a kind, what one of them has, whichever it is. */
export function gradeOf(verdicts: readonly Verdict[], { truth, seed }: Judging): GraphReport {
  const rankings = verdicts.map(({ scores }) => rankPairs(scores, truth));
  return {
    ...meanGrade(verdicts.map((verdict) => gradeAlone(verdict, truth))),
    aucInterval: aucIntervalAmong(rankings, { random: new SeededRandom(seed) }),
  };
}

/** The same of one, without an interval. */
export function gradeAlone({ scores, believed, posterior }: Verdict, truth: PairTable): Grade {
  const figures = gradeScores(scores, truth, { believed, posteriorOf: POSTERIORS[posterior] });
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

/** AUC alone, with its interval; of several parties of a kind, in the manner of `gradeOf`. */
export function areaOf({ attack, tables }: AttackOfEach, { truth, seed }: Judging): AttackReport {
  const rankings = tables.map((scores) => rankPairs(scores, truth));
  const random = new SeededRandom(seed);
  const pairs = (truth.agents * (truth.agents - 1)) / 2;
  const replicates = pairs > MANY_PAIRS ? REPLICATES_OF_MANY : REPLICATES;
  return {
    attack,
    auc: mean(rankings.map(auc)),
    aucInterval: aucIntervalAmong(rankings, { random, replicates }),
  };
}
