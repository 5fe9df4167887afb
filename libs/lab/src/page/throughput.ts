import * as Plot from '@observablehq/plot';
import { type LoadPoint, type PlacementReport, type Report, type ScalingReport } from '../report/report.js';
import { type Panel, figure } from './layout.js';
import { legend, loadDots, lookOf } from './looks.js';
import { type Content, type Markup, markup } from './markup.js';
import { amount } from './numbers.js';
import { defaultsOf, measured, notValidPoints, validPoints } from './placements.js';
import { plot } from './plot.js';

const STEPS = 60;

/** What was measured as symbols, and through it the law that was fitted to it. */
export function throughputFigure(report: Report): Markup {
  const points = pointsOf(report.placements);
  return figure({
    panels: defaultsOf(report).map(({ strategy }) => panelOf(report, strategy)),
    caption: markup`<strong>Throughput against senders at once.</strong> Symbols are medians over rounds (hollow ones
where messages were given up) with a bar from the slowest round to the fastest, lines the Universal
Scalability Law <i>X(N) = λN / (1 + σ(N − 1) + κN(N − 1))</i> fitted to them: λ messages/s by one sender, σ the share that
waits in line, κ what senders cost one another. Through three points the law can
always go, and R² then says nothing. n = ${sampleOf(points.map(({ backToBack }) => backToBack))} messages a symbol.${notValidPoints(report.placements)}`,
  });
}

function panelOf(report: Report, strategy: string): Panel {
  const placements = report.placements.filter((placement) => placement.strategy === strategy);
  const all = pointsOf(report.placements);
  return {
    heading: strategy,
    drawing: plot({
      title: `Messages per second against senders at once, ${strategy}`,
      x: {
        label: 'senders at once',
        domain: [0, Math.max(1, ...all.map(({ concurrency }) => concurrency))],
        nice: true,
      },
      y: {
        label: 'messages/s',
        domain: [0, Math.max(1, ...all.map(({ actsPerSecondInterval: [, high] }) => high))],
        nice: true,
        grid: true,
      },
      marks: [Plot.ruleY([0]), ...placements.flatMap((placement) => marksOf(report, placement))],
    }),
    note: legend(placements.map((placement) => [fitOf(placement), lookOf(report.placements, placement)])),
  };
}

function marksOf({ placements }: Report, placement: PlacementReport): readonly Plot.Markish[] {
  const look = lookOf(placements, placement);
  const { colour, dash } = look;
  const scaling = placement.load?.scaling ?? null;
  const points = validPoints(placement);
  const most = Math.max(1, ...points.map(({ concurrency }) => concurrency));
  const curve =
    scaling === null
      ? []
      : Array.from({ length: STEPS + 1 }, (_, step) => 1 + ((most - 1) * step) / STEPS).map((senders) => ({
          senders,
          rate: rateAt(scaling, senders),
        }));
  return [
    Plot.lineY(curve, { x: 'senders', y: 'rate', stroke: colour, strokeDasharray: dash }),
    Plot.ruleX(points, {
      x: 'concurrency',
      y1: ({ actsPerSecondInterval: [low] }: LoadPoint) => low,
      y2: ({ actsPerSecondInterval: [, high] }: LoadPoint) => high,
      stroke: colour,
    }),
    ...loadDots(points, { x: 'concurrency', y: 'actsPerSecond' }, look),
  ];
}

/** X(N) */
function rateAt({ lambda, sigma, kappa }: ScalingReport, senders: number): number {
  return (lambda * senders) / (1 + sigma * (senders - 1) + kappa * senders * (senders - 1));
}

function fitOf(placement: PlacementReport): Content {
  const fit = measured(placement, placement.load, ({ scaling }) =>
    scaling === null
      ? markup`<small>no fit: fewer than three points that count</small>`
      : markup`<small>λ ${amount(scaling.lambda)}, σ ${amount(scaling.sigma)}, κ ${amount(scaling.kappa)}, R²
${scaling.r2.toFixed(2)}</small>`,
  );
  return markup`${placement.variant} ${fit}`;
}

/** Those that count. */
export function pointsOf(placements: readonly PlacementReport[]): readonly LoadPoint[] {
  return placements.flatMap(validPoints);
}

/** One number where all are equal, and else from the least to the most. */
export function sampleOf(sizes: readonly number[]): string {
  if (sizes.length === 0) return '0';
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return least === most ? amount(least) : `${amount(least)} to ${amount(most)}`;
}
