import { quantile } from '@musubi/observers';
import { type Quantiles } from '../report/report.js';

export function quantilesOf(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null;
  const rising = Float64Array.from(values).sort();
  return { p50: quantile(rising, 0.5), p95: quantile(rising, 0.95), p99: quantile(rising, 0.99) };
}
