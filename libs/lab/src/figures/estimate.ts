import { extent } from 'd3-array';
import { quantile } from '@musubi/observers';
import { type Interval } from '../report/load-report.js';

interface Estimate {
  readonly median: number;
  /** From the least of the rounds to the greatest: see `ROUNDS`. */
  readonly interval: Interval;
}

/** @param rounds the same figure of each round, one at least */
export function estimateOf(rounds: readonly number[]): Estimate {
  const [least = NaN, greatest = NaN] = extent(rounds);
  return { median: quantile(rounds, 0.5), interval: [least, greatest] };
}
