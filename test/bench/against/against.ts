import { p50 } from '../figures.js';

/** What one block of acts on one build cost. */
export interface Block {
  readonly acts: number;
  readonly seconds: number;
  readonly apiCpuSeconds: number;
  readonly postgresCpuSeconds: number;
}

export const FIGURES = ['acts/s', 'CPU ms/act', 'API ms/act', 'PostgreSQL ms/act'] as const;
export type Figure = (typeof FIGURES)[number];

/** Two blocks of each build, in the order before, now, now, before: a machine that drifts steadily favours neither. */
export interface Round {
  readonly before: readonly [Block, Block];
  readonly now: readonly [Block, Block];
}

export interface Comparison {
  readonly figure: Figure;
  /** Medians of the rounds. */
  readonly before: number;
  readonly now: number;
  /** The median over the rounds of now / before. */
  readonly ratio: number;
  /** Contains the median ratio with at least 95 % confidence. */
  readonly interval: readonly [number, number];
}

/** @throws Error for no rounds */
export function compare(rounds: readonly Round[]): readonly Comparison[] {
  return FIGURES.map((figure) => {
    const before = rounds.map((round) => figureOf(figure, round.before));
    const now = rounds.map((round) => figureOf(figure, round.now));
    const ratios = rounds.map((_, index) => (now[index] ?? NaN) / (before[index] ?? NaN));
    return {
      figure,
      before: p50(before),
      now: p50(now),
      ratio: p50(ratios),
      interval: intervalOfMedian(ratios),
    };
  });
}

function figureOf(figure: Figure, blocks: readonly Block[]): number {
  const acts = sum(blocks.map((block) => block.acts));
  const api = sum(blocks.map((block) => block.apiCpuSeconds));
  const postgres = sum(blocks.map((block) => block.postgresCpuSeconds));
  if (figure === 'acts/s') return acts / sum(blocks.map((block) => block.seconds));
  const cpu = { 'CPU ms/act': api + postgres, 'API ms/act': api, 'PostgreSQL ms/act': postgres }[figure];
  return (1000 * cpu) / acts;
}

/** How many standard deviations of a fair coin's count are left out on either side. */
const Z_95 = 1.96;

/** By order statistics: how many values lie below the median is binomial, whatever their distribution. */
export function intervalOfMedian(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((one, other) => one - other);
  const outside = Math.floor((sorted.length - Z_95 * Math.sqrt(sorted.length)) / 2);
  // The value of that rank, counted from 1.
  const low = Math.max(0, outside - 1);
  const high = sorted.length - 1 - low;
  return [sorted[low] ?? NaN, sorted[high] ?? NaN];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
