import { type AnonymityReport, type GraphReport } from '../report/report.js';

/** How much of the graph is found, its interval aside. */
export type Grade = Omit<GraphReport, 'aucInterval'>;
type Roc = GraphReport['roc'];

/**
 * Figure by figure the mean of grades of the same pairs. The curve is that of `meanCurve`.
 * @throws RangeError without any grade
 */
export function meanGrade(grades: readonly Grade[]): Grade {
  const [first] = grades;
  if (first === undefined) throw new RangeError('a mean needs a grade');
  const over = (figure: (grade: Grade) => number): number => mean(grades.map(figure));
  const overKnown = (figure: (grade: Grade) => number | null): number | null =>
    meanOfKnown(grades.map(figure));
  return {
    pairs: first.pairs,
    truePairs: first.truePairs,
    baseRate: first.baseRate,
    auc: over(({ auc }) => auc),
    averagePrecision: over(({ averagePrecision }) => averagePrecision),
    precisionAtEdges: over(({ precisionAtEdges }) => precisionAtEdges),
    bestF1: over(({ bestF1 }) => bestF1),
    firstPeerShare: over(({ firstPeerShare }) => firstPeerShare),
    medianPeerRank: over(({ medianPeerRank }) => medianPeerRank),
    degreeCorrelation: overKnown(({ degreeCorrelation }) => degreeCorrelation),
    weightCorrelation: overKnown(({ weightCorrelation }) => weightCorrelation),
    anonymity: meanAnonymity(grades.map(({ anonymity }) => anonymity)),
    roc: grades.length === 1 ? first.roc : meanCurve(grades.map(({ roc }) => roc)),
  };
}

function meanAnonymity(all: readonly AnonymityReport[]): AnonymityReport {
  const [posterior = 'mixed', ...others] = new Set(all.map((each) => each.posterior));
  return {
    posterior: others.length === 0 ? posterior : 'mixed',
    entropyBits: mean(all.map(({ entropyBits }) => entropyBits)),
    effectiveSet: mean(all.map(({ effectiveSet }) => effectiveSet)),
    degree: mean(all.map(({ degree }) => degree)),
    top1: mean(all.map(({ top1 }) => top1)),
    logLossBits: mean(all.map(({ logLossBits }) => logLossBits)),
  };
}

const STEPS = 98;

/**
 * At each of 99 false positive rates the mean true positive rate (vertical averaging, Fawcett, _An introduction to ROC
 * analysis_, 2006): the area below it is the mean of the areas, but for what happens between two steps.
 */
function meanCurve(curves: readonly Roc[]): Roc {
  const rates = Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS);
  return [[0, 0], ...rates.map((rate) => [rate, mean(curves.map((roc) => heightAt(roc, rate)))] as const)];
}

/** The highest point of a curve there, on the line between two of its points where it has none. */
function heightAt(roc: Roc, rate: number): number {
  const after = roc.findIndex(([x]) => x > rate);
  const [[x0, y0], [x1, y1]] = [roc.at(after - 1) ?? [0, 0], roc.at(after) ?? [1, 1]];
  return after < 0 ? y1 : y0 + ((y1 - y0) * (rate - x0)) / (x1 - x0);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : mean(known);
}
