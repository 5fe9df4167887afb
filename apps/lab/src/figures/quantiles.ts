import { quantile } from '@musubi/observers';
import { type Quantiles } from '../report/report.js';

export function quantilesOf(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null;
  const rising = Float64Array.from(values).sort();
  return { p50: quantile(rising, 0.5), p95: quantile(rising, 0.95), p99: quantile(rising, 0.99) };
}

/** Of waits that may never end: ∞. `null` where that is the median, or there is none. */
export function median(waits: readonly number[]): number | null {
  const middle = waits.toSorted((a, b) => a - b)[Math.floor((waits.length - 1) / 2)];
  return middle === undefined || middle === Infinity ? null : middle;
}
