import * as Plot from '@observablehq/plot';
import { type CostReport, type PlacementReport, type Report } from '../report/report.js';
import { type Panel, figure, type Section } from './layout.js';
import { legend, lookOf } from './looks.js';
import { type Markup, markup } from './markup.js';
import { amount, byteSize } from './numbers.js';
import { leftOut } from './placements.js';
import { plot } from './plot.js';
import { sampleOf } from './throughput.js';

interface Shown {
  readonly key: 'bytesPerMessage' | 'rowsPerMessage' | 'bytesPerPair' | 'rowsPerPair';
  readonly heading: string;
  readonly format: (value: number) => string;
}
interface Costed {
  readonly placement: PlacementReport;
  readonly cost: CostReport;
}

const BARS: readonly Shown[] = [
  { key: 'rowsPerMessage', heading: 'Rows per message', format: amount },
  { key: 'bytesPerMessage', heading: 'Bytes per message', format: byteSize },
  { key: 'rowsPerPair', heading: 'Rows per conversation, once', format: amount },
  { key: 'bytesPerPair', heading: 'Bytes per conversation, once', format: byteSize },
];

/** What a message costs, and what a conversation costs before its second message. */
export function costPlots(report: Report): Section {
  const costed = report.placements.flatMap((placement) =>
    placement.cost === null ? [] : [{ placement, cost: placement.cost }],
  );
  const content =
    costed.length === 0 ? markup`<p class="missing">Not measured.</p>` : figures(report, costed);
  return { id: 'cost', heading: 'What it costs to store', content };
}

function figures(report: Report, costed: readonly Costed[]): Markup {
  const missing = report.placements.filter(({ cost }) => cost === null);
  const [messages, pairs] = [costed.map(({ cost }) => cost.messages), costed.map(({ cost }) => cost.pairs)];
  return markup`${figure({
    size: 'wide',
    panels: BARS.map((shown) => barsOf(report, costed, shown)),
    caption: markup`<strong>Rows and bytes, over all parties.</strong> As PostgreSQL stores rows, without indexes.
n = ${sampleOf(messages)} messages, ${sampleOf(pairs)} pairs.${leftOut(missing)}`,
  })}${clonesFigure(report, costed)}`;
}

function barsOf(report: Report, costed: readonly Costed[], { key, heading, format }: Shown): Panel {
  const bars = costed.map(({ placement, cost }) => ({
    variant: placement.variant,
    value: cost[key],
    label: format(cost[key]),
    colour: lookOf(report.placements, placement).colour,
  }));
  const drawing = plot({
    title: heading,
    width: 480,
    height: 24 + 22 * bars.length,
    marginLeft: 150,
    marginRight: 64,
    marginTop: 4,
    marginBottom: 8,
    x: { axis: null, domain: [0, Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)] },
    y: { label: null, domain: bars.map(({ variant }) => variant), tickSize: 0 },
    marks: [
      Plot.barX(bars, {
        x: 'value',
        y: 'variant',
        fill: ({ colour }: { readonly colour: string }) => colour,
        insetTop: 1,
        insetBottom: 1,
      }),
      Plot.text(bars, { x: 'value', y: 'variant', text: 'label', textAnchor: 'start', dx: 5 }),
      Plot.ruleX([0]),
    ],
    color: { type: 'identity' },
  });
  return { heading, drawing };
}

/** Conversations that nobody has continued yet, against how many there are. */
function clonesFigure(report: Report, costed: readonly Costed[]): Markup {
  const all = costed.flatMap(({ cost }) => cost.opened);
  const drawing = plot({
    title: 'Rows to open conversations, against pairs',
    width: 480,
    height: 280,
    marginLeft: 56,
    x: {
      label: 'pairs that converse',
      domain: [0, Math.max(1, ...all.map(({ pairs }) => pairs))],
      nice: true,
    },
    y: { label: 'rows', domain: [0, Math.max(1, ...all.map(({ rows }) => rows))], nice: true, grid: true },
    marks: [
      Plot.ruleY([0]),
      ...costed.flatMap(({ placement, cost }) => {
        const { colour, dash, symbol } = lookOf(report.placements, placement);
        const place = { x: 'pairs', y: 'rows' } as const;
        return [
          Plot.line(cost.opened, { ...place, stroke: colour, strokeDasharray: dash }),
          Plot.dot(cost.opened, { ...place, fill: colour, symbol, r: 4.5 }),
        ];
      }),
    ],
  });
  return figure({
    size: 'wide',
    legend: legend(costed.map(({ placement }) => [placement.variant, lookOf(report.placements, placement)])),
    panels: [{ heading: 'The cost of clones against pairs', drawing }],
    caption: markup`<strong>What conversations cost before their second message.</strong> All rows that so many first messages
wrote beyond what later ones do. Every pair among ${sampleOf(costed.map(({ cost }) => cost.agents - 1))} agents, one after another;
each symbol is a count.`,
  });
}
