/** The smallest value that a share of all values does not exceed: the nearest rank. @throws RangeError for none */
export function quantile(values: readonly number[], share: number): number {
  const rising = [...values].sort((one, other) => one - other);
  const value = rising[Math.max(0, Math.ceil(share * rising.length) - 1)];
  if (value === undefined) throw new RangeError('no values, no quantile');
  return value;
}

export const p50 = (values: readonly number[]): number => quantile(values, 0.5);
export const p95 = (values: readonly number[]): number => quantile(values, 0.95);
export const p99 = (values: readonly number[]): number => quantile(values, 0.99);
