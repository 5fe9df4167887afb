import { type LoadPoint, type PlacementReport, type Quantiles, type Report } from '../report/report.js';
import { contentionFigure } from './contention.js';
import { latencyFigure } from './latency.js';
import { folded, type Row, type Section, table } from './layout.js';
import { type Content, type Markup, markup } from './markup.js';
import { amount, percent, spread } from './numbers.js';
import { notMeasured, timed } from './placements.js';
import { throughputFigure } from './throughput.js';

/** Throughput, latency and contention against senders at once; and the same in figures. */
export function load(report: Report): Section {
  const content = markup`${throughputFigure(report)}${latencyFigure(report)}${contentionFigure(report)}
${folded('The same in figures', loadTable(report))}`;
  return { id: 'load', heading: 'Under load', content };
}

type Column = readonly [heading: string, say: (point: LoadPoint) => string];

const FIGURES: readonly Column[] = [
  ['Messages', ({ acts }) => amount(acts)],
  [
    'Given up',
    ({ gaveUp, firstError }) => (firstError === null ? amount(gaveUp) : `${amount(gaveUp)}: ${firstError}`),
  ],
  ['Back to back', ({ backToBack }) => amount(backToBack)],
  ['Seconds', ({ seconds }) => amount(seconds)],
  ['Messages/s', (point) => within(point.actsPerSecond, point.actsPerSecondInterval)],
  ['Timed', ({ timed: count }) => amount(count)],
  ['Saved, ms: p50 · p95 · p99', ({ saved }) => quantilesOf(saved)],
  ['Delivered, ms: p50 · p95 · p99', ({ delivered }) => quantilesOf(delivered)],
  ['Head moved', (point) => within(point.headMovedPerMessage, point.headMovedPerMessageInterval)],
  ['Attempts', (point) => within(point.attemptsPerMessage, point.attemptsPerMessageInterval)],
  ['Calls', (point) => within(point.callsPerMessage, point.callsPerMessageInterval)],
];

/** Beside what it was measured; shown of what does not count, too. */
const MACHINE: readonly Column[] = [
  ['Rounds, repeated', ({ rounds, repeatedRounds }) => `${amount(rounds)}, ${amount(repeatedRounds)}`],
  ['CPU of others', ({ disturbance }) => shareOf(disturbance.foreignCpuShare)],
  ['Ready without a core', ({ disturbance }) => shareOf(disturbance.runDelayShare)],
  ['Longest stall, ms', ({ disturbance }) => amount(disturbance.longestStallMs)],
];

function within(value: number, interval: readonly [number, number]): string {
  return `${amount(value)} (${spread(interval)})`;
}

function quantilesOf(times: Quantiles | null): string {
  if (times === null) return 'none';
  return [
    within(times.p50, times.p50Interval),
    within(times.p95, times.p95Interval),
    within(times.p99, times.p99Interval),
  ].join(' · ');
}

function shareOf(share: number | null): string {
  return share === null ? 'not known' : percent(share);
}

function loadTable({ placements }: Report): Markup {
  return table({
    caption: `Each row is one load, in rounds; one whose integrity failed is left out. Figures are medians over rounds, in
brackets from the least round to the greatest. Messages/s are of those back to back, in these seconds; milliseconds of those that
were timed; head moved, attempts and calls are per message, of all. Shares are of all cores' time.`,
    columns: ['Senders at once', ...[...FIGURES, ...MACHINE].map(([heading]) => heading)],
    groups: placements.map((placement) => {
      const missing: readonly Content[] = [...FIGURES, ...MACHINE].map(() => notMeasured(placement));
      const rows = placement.load?.points.map((point) => rowOf(placement, point));
      return { heading: placement.variant, rows: rows ?? [{ head: '–', cells: missing }] };
    }),
  });
}

function rowOf(placement: PlacementReport, point: LoadPoint): Row {
  const figures = FIGURES.map(([, say]) => timed(placement, point, say));
  return { head: amount(point.concurrency), cells: [...figures, ...MACHINE.map(([, say]) => say(point))] };
}
