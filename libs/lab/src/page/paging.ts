import * as Plot from '@observablehq/plot';
import { type PagingReport, type PlacementReport, type Quantiles, type Report } from '../report/report.js';
import { type Panel, figure, folded, type Section, table } from './layout.js';
import { legend, lookOf } from './looks.js';
import { type Content, type Markup, markup } from './markup.js';
import { amount } from './numbers.js';
import { valid } from './placements.js';
import { plot } from './plot.js';
import { sampleOf } from './throughput.js';

interface Paged {
  readonly placement: PlacementReport;
  readonly pages: readonly PagingReport[];
}

type PageName = 'latest' | 'day' | 'around' | 'before';

const PAGES: readonly (readonly [page: PageName, heading: string])[] = [
  ['latest', 'The latest page'],
  ['day', 'The page of the first day'],
  ['around', 'Around a message of that page'],
  ['before', 'Before that page'],
];

/** How long pages take to read while a history grows. */
export function paging(report: Report): Section {
  const paged = report.placements.flatMap((placement) =>
    placement.paging === null ? [] : [{ placement, pages: placement.paging }],
  );
  const content =
    paged.length === 0
      ? markup`<p class="missing">This workload reads no pages; history-paging does.</p>`
      : markup`${figures(report, paged)}${folded('The same in figures', pageTable(paged))}`;
  return { id: 'paging', heading: 'Pages of a growing history', content };
}

function figures(report: Report, paged: readonly Paged[]): Markup {
  const reads = paged.flatMap(({ pages }) => pages.map((each) => each.reads));
  return figure({
    legend: legend(paged.map(({ placement }) => [placement.variant, lookOf(report.placements, placement)])),
    panels: PAGES.map(([page, heading]) => panelOf(report, paged, { page, heading })),
    caption: markup`<strong>Time for a page of 50 messages,</strong> against how many messages the conversation has: the median,
and a bar up to the 95th percentile. A page that stands far back should take no longer than the latest. What is not valid is left out. n = ${sampleOf(reads)} reads a symbol.`,
  });
}

interface Shown {
  readonly page: PageName;
  readonly heading: string;
}

function panelOf(report: Report, paged: readonly Paged[], { page, heading }: Shown): Panel {
  const all = paged.flatMap(({ pages }) => pages);
  const sizes = [...new Set(all.map(({ messages }) => messages))].toSorted((a, b) => a - b);
  const slowest = Math.max(...valid(all).flatMap((each) => PAGES.map(([name]) => each[name]?.p95 ?? 0)));
  const drawing = plot({
    title: `${heading}: milliseconds against messages`,
    marginLeft: 44,
    x: { type: 'point', label: 'messages', domain: sizes },
    y: { label: 'ms', domain: [0, Math.max(1, slowest)], nice: true, grid: true },
    marks: [Plot.ruleY([0]), ...paged.flatMap((each) => marksOf(report, each, page))],
  });
  return { heading, drawing };
}

function marksOf(
  { placements }: Report,
  { placement, pages }: Paged,
  page: PageName,
): readonly Plot.Markish[] {
  const { colour, dash, symbol } = lookOf(placements, placement);
  const timed = valid(pages).flatMap(({ messages, [page]: times }) =>
    times === null ? [] : [{ messages, ...times }],
  );
  return [
    Plot.ruleX(timed, { x: 'messages', y1: 'p50', y2: 'p95', stroke: colour }),
    Plot.lineY(timed, { x: 'messages', y: 'p50', stroke: colour, strokeDasharray: dash }),
    Plot.dot(timed, { x: 'messages', y: 'p50', fill: colour, symbol, r: 4 }),
  ];
}

function pageTable(paged: readonly Paged[]): Markup {
  return table({
    caption: 'Milliseconds: p50 · p95 · p99, medians over rounds.',
    columns: ['Messages', 'Reads', ...PAGES.map(([, heading]) => heading)],
    groups: paged.map(({ placement, pages }) => ({
      heading: placement.variant,
      rows: pages.map((each) => ({
        head: amount(each.messages),
        cells: [amount(each.reads), ...PAGES.map(([page]) => cellOf(each, page))],
      })),
    })),
  });
}

function cellOf(report: PagingReport, page: PageName): Content {
  return report.notValid === null
    ? timesOf(report[page])
    : markup`<span class="missing">not valid: ${report.notValid}</span>`;
}

function timesOf(times: Quantiles | null): Content {
  return times === null ? 'nothing is older' : [times.p50, times.p95, times.p99].map(amount).join(' · ');
}
