import { quantile } from '@musubi/observers';
import { type Interval } from '../report/load-report.js';

export interface Estimate {
  readonly median: number;
  /** From the least of the rounds to the greatest: see `ROUNDS`. */
  readonly interval: Interval;
}

/** @param rounds the same figure of each round, one at least */
export function estimateOf(rounds: readonly number[]): Estimate {
  const rising = Float64Array.from(rounds).sort();
  return { median: quantile(rising, 0.5), interval: [rising.at(0) ?? NaN, rising.at(-1) ?? NaN] };
}
