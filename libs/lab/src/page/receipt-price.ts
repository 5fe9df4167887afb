import * as Plot from '@observablehq/plot';
import {
  type AttackReport,
  type PlacementReport,
  type ReceiptPriceReport,
  type Report,
} from '../report/report.js';
import { type Panel, figure, folded, noted, type Section, table } from './layout.js';
import { type LineLook, type Look, legend, lookOf, nthLook } from './looks.js';
import { type Content, type Markup, markup } from './markup.js';
import { amount, aucOf, counted, percent } from './numbers.js';
import { leftOut } from './placements.js';
import { plot } from './plot.js';

interface Priced {
  readonly placement: PlacementReport;
  readonly prices: readonly ReceiptPriceReport[];
}

type Area = Pick<AttackReport, 'auc' | 'aucInterval'>;

/** What is drawn of one way to send receipts, in one panel. */
interface Mark extends Area {
  readonly x: number;
  readonly symbol: Look['symbol'];
}

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
  const missing = report.placements.filter(({ receipts }) => receipts === null);
  const messages = priced.flatMap(({ prices }) => prices.map((price) => price.messages));
  return markup`${figure({
    size: 'wide',
    legend: legend([
      ...priced.map(({ placement }) => [placement.variant, lineOf(report, placement)] as const),
      ...modesOf(priced).map(
        (mode, index) => [mode, { ...nthLook(index), colour: 'var(--ink)', dash: '0 99' }] as const,
      ),
    ]),
    panels: PANELS.map((shown) => panelOf(report, priced, shown)),
    caption: markup`<strong>The price of receipts.</strong> AUC, with its 95 % interval, by the attack that found most, for
each way to send receipts: at once, together at every full hour, each after an exponential wait of half an hour on the average, and not
at all. The dashed rule is the volume prior of the same messages. A way by which authors never learn has no time, and is
missing there. n = ${counted(Math.max(...messages), 'message')}.${leftOut(missing)}`,
  })}${DEFERRED}${folded('The same in figures', priceTable(priced))}`;
}

const DEFERRED = markup`<p>Not the same is put off everywhere. With <strong>source-chain</strong> and <strong>pairwise-dht</strong> the
recipient’s receipt is the reply to the call: it is made, and on source-chain published, when the message comes, or the
message would not count as delivered. Only the author’s own entry about it can wait, so waiting buys little there. With
<strong>global-dht</strong> the readers of mailboxes wait, for messages and receipts alike: that hides who answers whom, and messages come later too.
Without receipts its recipients still commit what they read, and an observer with their disk sees when.</p>`;

interface Shown {
  readonly heading: string;
  readonly label: string;
  readonly x: (price: ReceiptPriceReport) => number | null;
  readonly area: (price: ReceiptPriceReport) => Area;
}

const TO_CONFIRM = {
  label: 'median seconds until the author knows',
  x: ({ medianSecondsToConfirm }: ReceiptPriceReport) => medianSecondsToConfirm,
};
const CONFIRMED = {
  label: 'messages confirmed, share',
  x: ({ confirmedShare }: ReceiptPriceReport) => confirmedShare,
};
const PANELS: readonly Shown[] = [
  { heading: 'Without keys, against the time to confirm', ...TO_CONFIRM, area: (price) => price },
  { heading: 'The whole disk, against the time to confirm', ...TO_CONFIRM, area: ({ disk }) => disk },
  { heading: 'Without keys, against the share confirmed', ...CONFIRMED, area: (price) => price },
  { heading: 'The whole disk, against the share confirmed', ...CONFIRMED, area: ({ disk }) => disk },
];

function panelOf(report: Report, priced: readonly Priced[], shown: Shown): Panel {
  const { heading, label, x, area } = shown;
  const modes = modesOf(priced);
  const all = priced.flatMap(({ prices }) => prices);
  const lines = priced.map(({ placement, prices }) => ({
    look: lineOf(report, placement),
    marks: prices.flatMap((price): Mark[] => {
      const at = x(price);
      const { auc, aucInterval } = area(price);
      return at === null
        ? []
        : [{ x: at, auc, aucInterval, symbol: nthLook(modes.indexOf(price.mode)).symbol }];
    }),
  }));
  const lowest = Math.min(0.4, ...all.map((price) => area(price).aucInterval[0]));
  const drawing = plot({
    title: `AUC: ${heading.toLowerCase()}`,
    width: 480,
    height: 280,
    x: { label, domain: [0, Math.max(1, ...all.map((price) => x(price) ?? 0))], nice: true },
    y: { label: 'AUC', domain: [lowest, 1], grid: true },
    marks: [
      Plot.ruleY(
        all.slice(0, 1).map(({ volumeAuc }) => volumeAuc),
        { stroke: 'var(--faint)', strokeDasharray: '6 3' },
      ),
      ...lines.flatMap(({ look, marks }, index) => marksOf(look, marks, 1.5 * (lines.length - 1 - index))),
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

/** @param wider in pixels, so that what lies under another line can be seen */
function marksOf({ colour, dash }: LineLook, marks: readonly Mark[], wider: number): readonly Plot.Markish[] {
  return [
    Plot.line(
      marks.toSorted((a, b) => a.x - b.x),
      { x: 'x', y: 'auc', stroke: colour, strokeDasharray: dash, strokeWidth: 1.5 + 1.5 * wider },
    ),
    Plot.ruleX(marks, {
      x: 'x',
      y1: ({ aucInterval: [low] }: Mark) => low,
      y2: ({ aucInterval: [, high] }: Mark) => high,
      stroke: colour,
    }),
    ...marks.map((mark) =>
      Plot.dot([mark], {
        x: 'x',
        y: 'auc',
        fill: colour,
        stroke: 'var(--paper)',
        symbol: mark.symbol,
        r: 4.5 + wider,
      }),
    ),
  ];
}

const COLUMNS = [
  'Receipts',
  'Confirmed',
  'Orphans',
  'Median seconds to deliver',
  'Median seconds to confirm',
  'AUC without keys',
  'Above volume',
  'AUC, whole disk',
] as const;

function priceTable(priced: readonly Priced[]): Markup {
  return table({
    caption: `Orphans are delivered messages whose author does not know of it at the end of the run. “Above volume” is what the
strongest observer without keys has beyond the volume prior of the same messages; at most 0.05 is what batches on global-dht are meant
for. The attack that finds most is named: which it is, is known from the truth, so that AUC is an upper bound of these attacks.`,
    columns: COLUMNS,
    groups: priced.map(({ placement, prices }) => ({
      heading: placement.variant,
      rows: prices.map((price) => ({ head: price.mode, cells: cellsOf(price) })),
    })),
  });
}

function cellsOf(price: ReceiptPriceReport): readonly Content[] {
  const { confirmedShare, orphanRate, medianSecondsToDeliver, medianSecondsToConfirm, disk } = price;
  return [
    percent(confirmedShare),
    percent(orphanRate),
    secondsOf(medianSecondsToDeliver),
    secondsOf(medianSecondsToConfirm),
    noted(
      aucOf(price),
      price.attack === 'nothing' ? 'nothing to go by' : `${price.observer}, ${price.attack}`,
    ),
    (price.auc - price.volumeAuc).toFixed(2),
    noted(aucOf(disk), disk.attack),
  ];
}

function secondsOf(median: number | null): string {
  return median === null ? 'never' : amount(median);
}
