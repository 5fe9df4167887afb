import { quantile } from '@musubi/observers';
import { type Quantiles } from '../report/report.js';
import { estimateOf } from './estimate.js';

/** Of each round by itself, and of these the median. `null` where no round has any values. */
export function quantilesOf(rounds: readonly (readonly number[])[]): Quantiles | null {
  const measured = rounds.filter((values) => values.length > 0);
  if (measured.length === 0) return null;
  const at = (share: number) => estimateOf(measured.map((values) => quantile(values, share)));
  const [p50, p95, p99] = [at(0.5), at(0.95), at(0.99)];
  return {
    p50: p50.median,
    p50Interval: p50.interval,
    p95: p95.median,
    p95Interval: p95.interval,
    p99: p99.median,
    p99Interval: p99.interval,
  };
}

/** Of waits that may never end: ∞. `null` where that is the median, or there is none. */
export function median(waits: readonly number[]): number | null {
  const middle = waits.toSorted((a, b) => a - b)[Math.floor((waits.length - 1) / 2)];
  return middle === undefined || middle === Infinity ? null : middle;
}
