import * as Plot from '@observablehq/plot';
import { type PlacementReport, type ReceiptPriceReport, type Report } from '../report.js';
import { type Panel, figure, folded, type Section, table } from './layout.js';
import { type LineLook, type Look, legend, lookOf, nthLook } from './looks.js';
import { type Markup, markup } from './markup.js';
import { amount, aucOf, counted, percent } from './numbers.js';
import { leftOut } from './placements.js';
import { plot } from './plot.js';

type Axis = 'confirmedShare' | 'medianSecondsToConfirm';
interface Priced {
  readonly placement: PlacementReport;
  readonly prices: readonly ReceiptPriceReport[];
}

type MarkedPrice = ReceiptPriceReport & Pick<Look, 'symbol'>;

/** What an observer learns from receipts, against what an author learns from them. */
export function receiptPrice(report: Report): Section {
  const priced = report.placements.flatMap((placement) =>
    placement.receipts === null ? [] : [{ placement, prices: placement.receipts }],
  );
  const content =
    priced.length === 0 ? markup`<p class="missing">Not measured.</p>` : figures(report, priced);
  return { id: 'receipts', heading: 'The price of receipts', content };
}

function figures(report: Report, priced: readonly Priced[]): Markup {
  const { volume } = report.controls;
  const missing = report.placements.filter(({ receipts }) => receipts === null);
  return markup`${figure({
    size: 'wide',
    legend: legend([
      ...priced.map(({ placement }) => [placement.variant, lineOf(report, placement)] as const),
      ...modesOf(priced).map(
        (mode, index) => [mode, { ...nthLook(index), colour: 'var(--ink)', dash: '0 99' }] as const,
      ),
    ]),
    panels: [
      panelOf(report, priced, {
        key: 'confirmedShare',
        heading: 'Against the share confirmed',
        label: 'messages confirmed, share',
      }),
      panelOf(report, priced, {
        key: 'medianSecondsToConfirm',
        heading: 'Against the time to confirm',
        label: 'median seconds until the author knows',
      }),
    ],
    caption: markup`<strong>The price of receipts.</strong> AUC, with its 95 % interval, of the observer that sees the most of
those without keys that run no node, for each way to send receipts. The dashed rule is the volume prior. A way by which authors never learn has no time,
and is on the left only. n = ${counted(volume.pairs, 'pair')}.${leftOut(missing)}`,
  })}${folded('The same in figures', priceTable(priced))}`;
}

interface Shown {
  readonly key: Axis;
  readonly heading: string;
  readonly label: string;
}

function panelOf(report: Report, priced: readonly Priced[], { key, heading, label }: Shown): Panel {
  const modes = modesOf(priced);
  const all = priced.flatMap(({ prices }) => prices);
  const most = key === 'confirmedShare' ? 1 : Math.max(1, ...all.map((price) => price[key] ?? 0));
  const drawing = plot({
    title: `AUC ${heading.toLowerCase()}`,
    width: 480,
    height: 280,
    x: { label, domain: [0, most], nice: true },
    y: { label: 'AUC', domain: [Math.min(0.4, ...all.map(({ aucInterval: [low] }) => low)), 1], grid: true },
    marks: [
      Plot.ruleY([report.controls.volume.auc], { stroke: 'var(--faint)', strokeDasharray: '6 3' }),
      ...priced.flatMap(({ placement, prices }) => {
        const marked = prices
          .filter((price) => price[key] !== null)
          .map((price) => ({ ...price, symbol: nthLook(modes.indexOf(price.mode)).symbol }));
        return marksOf(lineOf(report, placement), marked, key);
      }),
    ],
  });
  return { heading, drawing };
}

function modesOf(priced: readonly Priced[]): readonly string[] {
  return [...new Set(priced.flatMap(({ prices }) => prices.map(({ mode }) => mode)))];
}

/** Its symbols tell ways to send receipts apart here. */
function lineOf({ placements }: Report, placement: PlacementReport): LineLook {
  const { colour, dash } = lookOf(placements, placement);
  return { colour, dash };
}

function marksOf(line: LineLook, prices: readonly MarkedPrice[], x: Axis): readonly Plot.Markish[] {
  const { colour, dash } = line;
  return [
    Plot.line(prices, { x, y: 'auc', stroke: colour, strokeDasharray: dash }),
    Plot.ruleX(prices, {
      x,
      y1: ({ aucInterval: [low] }: ReceiptPriceReport) => low,
      y2: ({ aucInterval: [, high] }: ReceiptPriceReport) => high,
      stroke: colour,
    }),
    ...prices.map((price) =>
      Plot.dot([price], { x, y: 'auc', fill: colour, stroke: 'var(--paper)', symbol: price.symbol, r: 5.5 }),
    ),
  ];
}

function priceTable(priced: readonly Priced[]): Markup {
  return table({
    caption: 'Orphans are delivered messages whose author does not know of it at the end of the run.',
    columns: ['Receipts', 'Confirmed', 'Orphans', 'Median seconds to confirm', 'Observer', 'AUC'],
    groups: priced.map(({ placement, prices }) => ({
      heading: placement.variant,
      rows: prices.map((price) => ({
        head: price.mode,
        cells: [
          percent(price.confirmedShare),
          percent(price.orphanRate),
          price.medianSecondsToConfirm === null ? 'never' : amount(price.medianSecondsToConfirm),
          price.observer,
          aucOf(price),
        ],
      })),
    })),
  });
}
