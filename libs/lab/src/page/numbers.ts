import { type GraphReport } from '../report/report.js';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Three figures that count, without exponents: 1,234 · 12.3 · 0.0123. */
const THREE_FIGURES = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

export function amount(value: number): string {
  return (Math.abs(value) >= 1000 ? WHOLE : THREE_FIGURES).format(value);
}

export function percent(share: number): string {
  return `${THREE_FIGURES.format(share * 100)}\u00a0%`;
}

export function byteSize(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${amount(bytes / 1024 ** power)} ${UNITS[power] ?? 'B'}`;
}

export function interval([low, high]: readonly [number, number]): string {
  return `${low.toFixed(2)}–${high.toFixed(2)}`;
}

/** As in `121–140`. */
export function spread([low, high]: readonly [number, number]): string {
  return `${amount(low)}–${amount(high)}`;
}

/** As in `0.71 (0.66–0.75)`. */
export function aucOf({ auc, aucInterval }: Pick<GraphReport, 'auc' | 'aucInterval'>): string {
  return `${auc.toFixed(2)} (${interval(aucInterval)})`;
}

/** As in `1 pair`, `1,225 pairs`. */
export function counted(count: number, word: string): string {
  return `${WHOLE.format(count)} ${word}${count === 1 ? '' : 's'}`;
}
