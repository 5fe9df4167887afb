import { type LoadPoint, type Quantiles, type Report } from '../report.js';
import { contentionFigure } from './contention.js';
import { latencyFigure } from './latency.js';
import { folded, type Section, table } from './layout.js';
import { type Content, type Markup, markup } from './markup.js';
import { amount } from './numbers.js';
import { notMeasured } from './placements.js';
import { throughputFigure } from './throughput.js';

/** Throughput, latency and contention against senders at once; and the same in figures. */
export function load(report: Report): Section {
  const content = markup`${throughputFigure(report)}${latencyFigure(report)}${contentionFigure(report)}
${folded('The same in figures', loadTable(report))}`;
  return { id: 'load', heading: 'Under load', content };
}

const COLUMNS: readonly (readonly [heading: string, say: (point: LoadPoint) => string])[] = [
  ['Messages', ({ acts }) => amount(acts)],
  [
    'Given up',
    ({ gaveUp, firstError }) => (firstError === null ? amount(gaveUp) : `${amount(gaveUp)}: ${firstError}`),
  ],
  ['Back to back', ({ backToBack }) => amount(backToBack)],
  ['Seconds', ({ seconds }) => amount(seconds)],
  ['Messages/s', ({ actsPerSecond }) => amount(actsPerSecond)],
  ['Timed', ({ timed }) => amount(timed)],
  ['Saved, ms: p50 · p95 · p99', ({ saved }) => quantilesOf(saved)],
  ['Delivered, ms: p50 · p95 · p99', ({ delivered }) => quantilesOf(delivered)],
  ['Head moved', ({ headMovedPerMessage }) => amount(headMovedPerMessage)],
  ['Attempts', ({ attemptsPerMessage }) => amount(attemptsPerMessage)],
  ['Calls', ({ callsPerMessage }) => amount(callsPerMessage)],
];

function quantilesOf(times: Quantiles | null): string {
  return times === null ? 'none' : [times.p50, times.p95, times.p99].map(amount).join(' · ');
}

function loadTable({ placements }: Report): Markup {
  return table({
    caption: `Each row is one run of the load; a run whose integrity failed is left out. Messages/s are of those back to back, in
these seconds; milliseconds of those that were timed; head moved, attempts and calls are per message, of all.`,
    columns: ['Senders at once', ...COLUMNS.map(([heading]) => heading)],
    groups: placements.map((placement) => {
      const missing: readonly Content[] = COLUMNS.map(() => notMeasured(placement));
      const rows = placement.load?.points.map((point) => ({
        head: amount(point.concurrency),
        cells: COLUMNS.map(([, say]) => say(point)),
      }));
      return { heading: placement.variant, rows: rows ?? [{ head: '–', cells: missing }] };
    }),
  });
}
