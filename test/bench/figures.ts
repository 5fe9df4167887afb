import { quantile as quantileOf } from '@musubi/observers';

/** @throws RangeError for no values */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('no values, no quantile');
  return quantileOf(values, share);
}

export const p50 = (values: readonly number[]): number => quantile(values, 0.5);
export const p95 = (values: readonly number[]): number => quantile(values, 0.95);
export const p99 = (values: readonly number[]): number => quantile(values, 0.99);
