import * as Plot from '@observablehq/plot';
import { type PlacementReport, type Report } from '../report/report.js';
import { type Look, lookOf } from './looks.js';
import { Markup, markup } from './markup.js';
import { frontOfStrangers } from './pareto-front.js';
import { validPoints } from './placements.js';
import { plot } from './plot.js';
import { TOKENS } from './style.js';

const WIDTH = { front: 480, key: 190 };
const HEIGHT = 300;
const LINE = 20;

/** Exposure to strangers against throughput, with its key: an SVG document that stands alone. */
export function paretoImage(report: Report): string {
  const shown = report.placements.filter(
    (placement) => validPoints(placement).length > 0 && placement.observers !== null,
  );
  const width = WIDTH.front + WIDTH.key;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}">
<style>${new Markup(TOKENS)}</style>
<rect width="${width}" height="${HEIGHT}" fill="var(--paper)"/>
<g color="var(--ink)">
${frontOfStrangers(report)}
<g transform="translate(${WIDTH.front} 26)">${keyOf(shown.map((placement) => [placement, lookOf(report.placements, placement)]))}</g>
</g>
</svg>
`.text;
}

function keyOf(entries: readonly (readonly [PlacementReport, Look])[]): Markup {
  return plot({
    title: 'Variants',
    width: WIDTH.key,
    height: entries.length * LINE,
    margin: 0,
    axis: null,
    x: { domain: [0, WIDTH.key] },
    y: { domain: [entries.length, 0] },
    marks: entries.map(([{ variant }, { colour, symbol }], line) => [
      Plot.dot([[12, line + 0.5]], { fill: colour, symbol, r: 5.5 }),
      Plot.text([[26, line + 0.5]], { text: () => variant, textAnchor: 'start' }),
    ]),
  });
}
