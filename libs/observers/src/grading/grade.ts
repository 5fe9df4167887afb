import { type PairTable } from '../pairs/pair-table.js';
import { type Anonymity, anonymityOfEach } from './anonymity.js';
import { auc, quantile } from './auc.js';
import { type BestF1, averagePrecision, baseRate, bestF1, precisionAt } from './curves.js';
import { peerRanks } from './peer-rank.js';
import { rankPairs } from './ranking.js';
import { degreeCorrelation, weightCorrelation } from './spearman.js';

interface GradingOptions {
  /** How an agent's scores become probabilities: `softmax` for z-scores, `proportional` for shares and counts. */
  readonly posteriorOf: (scores: Float64Array) => Float64Array;
  /** What becomes probabilities, where that is not what pairs are ranked by. */
  readonly believed?: PairTable;
}

/** How much of the true graph an observer's scores give away. */
export interface GraphFigures {
  readonly pairs: number;
  readonly truePairs: number;
  readonly baseRate: number;
  readonly auc: number;
  readonly averagePrecision: number;
  /** Precision at |E|: among as many pairs as are true. */
  readonly precisionAtEdges: number;
  readonly bestF1: BestF1;
  readonly medianPeerRank: number;
  /** The share of agents whose true peer comes first. */
  readonly firstPeerShare: number;
  readonly degreeCorrelation: number | null;
  readonly weightCorrelation: number | null;
  /** Means over the agents that have a peer. */
  readonly anonymity: Anonymity;
}

/** @throws RangeError when every pair is true, or none */
export function gradeScores(scores: PairTable, truth: PairTable, options: GradingOptions): GraphFigures {
  const { believed = scores } = options;
  const ranking = rankPairs(scores, truth);
  const ranks = Float64Array.from(peerRanks(scores, truth).filter((rank) => rank !== null)).sort();
  return {
    pairs: ranking.positiveCount + ranking.negativeCount,
    truePairs: ranking.positiveCount,
    baseRate: baseRate(ranking),
    auc: auc(ranking),
    averagePrecision: averagePrecision(ranking),
    precisionAtEdges: precisionAt(ranking, ranking.positiveCount),
    bestF1: bestF1(ranking),
    medianPeerRank: quantile(ranks, 0.5),
    firstPeerShare: ranks.filter((rank) => rank === 1).length / ranks.length,
    degreeCorrelation: degreeCorrelation(scores, truth),
    weightCorrelation: weightCorrelation(scores, truth),
    anonymity: meanOf(anonymityOfEach(believed, truth, options.posteriorOf).filter((each) => each !== null)),
  };
}

function meanOf(all: readonly Anonymity[]): Anonymity {
  const mean = (figure: keyof Anonymity): number =>
    all.reduce((sum, each) => sum + each[figure], 0) / all.length;
  return {
    entropyBits: mean('entropyBits'),
    effectiveSet: mean('effectiveSet'),
    degree: mean('degree'),
    top1: mean('top1'),
    logLossBits: mean('logLossBits'),
  };
}
