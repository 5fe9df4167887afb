import * as Plot from '@observablehq/plot';
import { type LoadPoint, type Report } from '../report/report.js';
import { type Panel, figure } from './layout.js';
import { legend, lookOf } from './looks.js';
import { type Markup, markup } from './markup.js';
import { notValidPoints, validPoints } from './placements.js';
import { plot } from './plot.js';
import { pointsOf, sampleOf } from './throughput.js';

interface Shown {
  readonly heading: string;
  readonly label: string;
  readonly of: (point: LoadPoint) => number;
}

const FIGURES: readonly Shown[] = [
  { heading: 'Head moved, per message', label: 'per message', of: (point) => point.headMovedPerMessage },
  { heading: 'Attempts, per message', label: 'per message', of: (point) => point.attemptsPerMessage },
  { heading: 'Remote calls, per message', label: 'per message', of: (point) => point.callsPerMessage },
  { heading: 'Given up, share', label: 'share', of: ({ gaveUp, acts }) => gaveUp / Math.max(1, acts) },
];

/** How much of the work is done again because somebody else was at the chain. */
export function contentionFigure(report: Report): Markup {
  const measured = report.placements.filter(({ load }) => load !== null);
  const acts = pointsOf(measured).map((point) => point.acts);
  return figure({
    legend: legend(measured.map((placement) => [placement.variant, lookOf(report.placements, placement)])),
    panels: FIGURES.map((shown) => panelOf(report, shown)),
    caption: markup`<strong>Work done again, or in vain.</strong> How often a head had moved under a writer, attempts and
remote calls, per message; and the share of messages that were given up. Against senders at once. n = ${sampleOf(acts)} messages a symbol.${notValidPoints(measured)}`,
  });
}

function panelOf(report: Report, { heading, label, of }: Shown): Panel {
  const points = pointsOf(report.placements);
  const senders = [...new Set(points.map(({ concurrency }) => concurrency))].toSorted((a, b) => a - b);
  const drawing = plot({
    title: `${heading}, against senders at once`,
    marginLeft: 44,
    x: { type: 'point', label: 'senders at once', domain: senders },
    y: {
      label,
      domain: [0, Math.max(0.1, ...points.map(of))],
      nice: true,
      grid: true,
    },
    marks: [
      Plot.ruleY([0]),
      ...report.placements.flatMap((placement) => {
        const { colour, dash, symbol } = lookOf(report.placements, placement);
        const own = validPoints(placement);
        return [
          Plot.lineY(own, { x: 'concurrency', y: of, stroke: colour, strokeDasharray: dash }),
          Plot.dot(own, { x: 'concurrency', y: of, fill: colour, symbol, r: 4 }),
        ];
      }),
    ],
  });
  return { heading, drawing };
}
