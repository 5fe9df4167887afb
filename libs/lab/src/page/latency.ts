import * as Plot from '@observablehq/plot';
import { type LoadPoint, type PlacementReport, type Quantiles, type Report } from '../report/report.js';
import { type Panel, figure } from './layout.js';
import { type Look, legend, loadDots } from './looks.js';
import { type Markup, markup } from './markup.js';
import { measured, notValidPoints, validPoints } from './placements.js';
import { plot } from './plot.js';
import { pointsOf, sampleOf } from './throughput.js';

const QUANTILES = ['p50', 'p95', 'p99'] as const satisfies readonly (keyof Quantiles)[];
const DASHES = { p50: 'none', p95: '6 3', p99: '2 3' } as const;
const STAGES = ['saved', 'delivered'] as const;
const FORMS = {
  saved: { colour: 'var(--hue-1)', symbol: 'circle' },
  delivered: { colour: 'var(--hue-2)', symbol: 'square' },
} as const;

interface Scale {
  readonly senders: readonly number[];
  readonly milliseconds: readonly [least: number, most: number];
}

/** A panel for each variant, all to one scale. */
export function latencyFigure({ placements }: Report): Markup {
  const points = pointsOf(placements);
  const times = points
    .flatMap((point) => STAGES.flatMap((stage) => QUANTILES.map((quantile) => point[stage]?.[quantile] ?? 0)))
    .filter((time) => time > 0);
  const scale: Scale = {
    senders: [...new Set(points.map(({ concurrency }) => concurrency))].toSorted((a, b) => a - b),
    milliseconds: times.length === 0 ? [1, 1000] : [Math.min(...times), Math.max(...times)],
  };
  return figure({
    legend: legend(
      STAGES.flatMap((stage) =>
        QUANTILES.map((quantile) => [`${stage}, ${quantile}`, looks(stage, quantile)]),
      ),
    ),
    panels: placements.map((placement) => panelOf(placement, scale)),
    caption: markup`<strong>Latency against senders at once.</strong> Milliseconds from the intended start, so that waiting
for a turn counts; on a logarithmic scale. Medians over rounds of each round's quantiles. Hollow: of those that were delivered, while others were given up and are not
counted here. n = ${sampleOf(points.map(({ timed }) => timed))} messages a symbol.${notValidPoints(placements)}`,
  });
}

function looks(stage: (typeof STAGES)[number], quantile: (typeof QUANTILES)[number]): Look {
  return { ...FORMS[stage], dash: DASHES[quantile] };
}

function panelOf(placement: PlacementReport, { senders, milliseconds }: Scale): Panel {
  const drawing = measured(placement, placement.load, () =>
    plot({
      title: `Latency against senders at once, ${placement.variant}`,
      marginLeft: 52,
      height: 220,
      x: { type: 'point', label: 'senders at once', domain: senders },
      y: {
        type: 'log',
        label: 'ms',
        domain: milliseconds,
        nice: true,
        grid: true,
        ticks: powersOfTen(milliseconds),
        tickFormat: '~s',
      },
      marks: STAGES.flatMap((stage) =>
        QUANTILES.flatMap((quantile) => marksOf(validPoints(placement), stage, quantile)),
      ),
    }),
  );
  return { heading: placement.variant, drawing };
}

/** From one below the least to one above the most. */
function powersOfTen([least, most]: Scale['milliseconds']): readonly number[] {
  const [first, last] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  return Array.from({ length: last - first + 1 }, (_, step) => 10 ** (first + step));
}

function marksOf(
  points: readonly LoadPoint[],
  stage: (typeof STAGES)[number],
  quantile: (typeof QUANTILES)[number],
): readonly Plot.Markish[] {
  const look = looks(stage, quantile);
  const { colour, dash } = look;
  // A logarithmic scale has no place for 0, nor for what was not measured.
  const timed = points
    .map((point) => ({ ...point, time: point[stage]?.[quantile] ?? 0 }))
    .filter(({ time }) => time > 0);
  return [
    Plot.lineY(timed, { x: 'concurrency', y: 'time', stroke: colour, strokeDasharray: dash }),
    ...loadDots(timed, { x: 'concurrency', y: 'time' }, look),
  ];
}
