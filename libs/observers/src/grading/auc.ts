import { quantile as quantileOf } from 'd3-array';
import { type SeededRandom } from '../seeded-random.js';
import { type Ranking } from './ranking.js';

/** What AUC needs of a ranking. */
type Groups = Pick<Ranking, 'positives' | 'negatives' | 'positiveCount' | 'negativeCount'>;

/** Lower and upper end. */
export type Interval = readonly [number, number];

interface BootstrapOptions {
  readonly random: SeededRandom;
  /** How often pairs are drawn again; `defaultReplicates` when absent. */
  readonly replicates?: number;
}

const MOST_REPLICATES = 1000;
const FEWEST_REPLICATES = 200;
/** Some 2 s of drawing at 13 ns each. */
const DRAWS = 100_000_000;

/**
 * ROC AUC = (#{(p, q): s_p > s_q} + ½ #{(p, q): s_p = s_q}) / (P N) over true pairs p and other pairs q: the
 * Mann–Whitney statistic (Hanley & McNeil 1982). 0.5 is what guessing scores.
 * @throws RangeError unless there are both true and other pairs
 */
export function auc(groups: Groups): number {
  const { positiveCount, negativeCount } = groups;
  if (positiveCount === 0 || negativeCount === 0) {
    throw new RangeError('AUC needs true pairs and others');
  }
  return wins(groups.positives, groups.negatives) / (positiveCount * negativeCount);
}

/** How often a true pair stands above another pair, ties counting half. */
function wins(positives: Uint32Array, negatives: Uint32Array): number {
  let above = 0;
  let won = 0;
  positives.forEach((here, group) => {
    won += (negatives[group] ?? 0) * (above + here / 2);
    above += here;
  });
  return won;
}

/** 1,000, or fewer, down to 200, where so many pairs would take long. */
export function defaultReplicates({ positiveCount, negativeCount }: Groups): number {
  const affordable = Math.floor(DRAWS / (positiveCount + negativeCount));
  return Math.min(MOST_REPLICATES, Math.max(FEWEST_REPLICATES, affordable));
}

/**
 * The percentile bootstrap's 95 % interval (Efron & Tibshirani 1993, ch. 13). P true pairs are drawn from the true
 * ones and N others from the others, both with replacement. Pairs that share an agent are not independent, and the
 * graph itself is never drawn again: the interval says how far the figure depends on single pairs of this run, and is
 * too narrow for another population of agents.
 * @throws RangeError unless there are both true and other pairs
 */
export function aucInterval(ranking: Groups, options: BootstrapOptions): Interval {
  return aucIntervalAmong([ranking], options);
}

/**
 * The same for one of several observers of a kind, whichever it is: a bootstrap in two stages (Davison & Hinkley 1997,
 * ch. 3.8), first an observer, then pairs of its ranking. Observers are not drawn but taken in turn, so that each
 * counts alike (a balanced bootstrap, Davison, Hinkley & Schechtman 1986). It is as wide as they differ, however many
 * they are: no interval of their mean, which would be narrower.
 * @param rankings of the same pairs, at least one
 * @throws RangeError unless there are rankings, and both true and other pairs
 */
export function aucIntervalAmong(rankings: readonly Groups[], options: BootstrapOptions): Interval {
  const [first] = rankings;
  if (first === undefined) throw new RangeError('an interval needs a ranking');
  const { random, replicates = defaultReplicates(first) } = options;
  const turns = Math.ceil(replicates / rankings.length);
  const draws = rankings.flatMap((ranking) => [...aucDraws(ranking, { random, replicates: turns })]);
  return [quantile(draws, 0.025), quantile(draws, 0.975)];
}

function aucDraws(ranking: Groups, { random, replicates }: Required<BootstrapOptions>): Float64Array {
  const groups = withoutNeedlessGroups(ranking);
  const [positives, negatives] = [membersOf(groups.positives), membersOf(groups.negatives)];
  return Float64Array.from({ length: replicates }, () =>
    auc({
      ...groups,
      positives: drawn(positives, groups.positives.length, random),
      negatives: drawn(negatives, groups.negatives.length, random),
    }),
  );
}

/** Groups without a true pair that stand side by side are one to AUC, however their pairs are drawn. */
function withoutNeedlessGroups(ranking: Groups): Groups {
  const positives: number[] = [];
  const negatives: number[] = [];
  ranking.positives.forEach((here, group) => {
    const others = ranking.negatives[group] ?? 0;
    const last = positives.length - 1;
    if (here === 0 && positives[last] === 0) {
      negatives[last] = (negatives[last] ?? 0) + others;
    } else {
      positives.push(here);
      negatives.push(others);
    }
  });
  return { ...ranking, positives: Uint32Array.from(positives), negatives: Uint32Array.from(negatives) };
}

/** For each pair, its group. */
function membersOf(counts: Uint32Array): Uint32Array {
  const members = new Uint32Array(counts.reduce((sum, count) => sum + count, 0));
  let from = 0;
  counts.forEach((count, group) => {
    members.fill(group, from, from + count);
    from += count;
  });
  return members;
}

/** As many members as there are, drawn with replacement: how many in each group. */
function drawn(members: Uint32Array, groups: number, random: SeededRandom): Uint32Array {
  const counts = new Uint32Array(groups);
  // A loop, and not `forEach`: a third of the time, where there are half a million pairs.
  for (let left = members.length; left > 0; left -= 1) {
    const group = members[random.below(members.length)] ?? 0;
    counts[group] = (counts[group] ?? 0) + 1;
  }
  return counts;
}

/** The one definition of a quantile: linear between the order statistics at (n − 1) p (Hyndman & Fan 1996, type 7). */
export function quantile(values: Iterable<number>, p: number): number {
  return quantileOf(values, p) ?? NaN;
}
