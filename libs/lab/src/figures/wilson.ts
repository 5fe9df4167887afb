import { type Interval } from '../report/report.js';

/** The normal distribution's 97.5 % quantile. */
const Z = 1.959964;

/** The 95 % score interval of a share (Wilson 1927); all of [0, 1] of nothing. */
export function wilsonInterval(count: number, of: number): Interval {
  if (of === 0) return [0, 1];
  const share = count / of;
  const centre = share + Z ** 2 / (2 * of);
  const reach = Z * Math.sqrt((share * (1 - share)) / of + Z ** 2 / (4 * of ** 2));
  const bound = (value: number): number => Math.min(1, Math.max(0, value / (1 + Z ** 2 / of)));
  return [bound(centre - reach), bound(centre + reach)];
}
