import * as Plot from '@observablehq/plot';
import { type GraphReport, type PlacementReport, type Report } from '../report/report.js';
import { type Panel, figure, type Section } from './layout.js';
import { type Look, legend, nthLook } from './looks.js';
import { markup } from './markup.js';
import { aucOf, counted } from './numbers.js';
import { defaultsFirst, measured, nameOf } from './placements.js';
import { plot } from './plot.js';

interface Curve {
  readonly name: string;
  readonly graph: GraphReport;
  readonly look: Look;
  readonly width: number;
}

const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** How well each observer tells the pairs that wrote from those that did not. */
export function rocCurves(report: Report): Section {
  const { uniform } = report.controls;
  const content = defaultsFirst(report, (placements) =>
    figure({
      panels: placements.map((placement) => panelOf(report, placement)),
      caption: markup`<strong>ROC curves.</strong> Up: the share of true pairs found; right: the share of other pairs taken
for true, as an observer's threshold falls. The grey controls see nothing (uniform), only how much everybody writes (volume),
and everything (leaky). Beside each name its AUC with a 95 % interval. n = ${counted(uniform.pairs, 'pair')},
${uniform.truePairs} of them true.`,
    }),
  );
  return { id: 'roc', heading: 'How well pairs are told apart', content };
}

function panelOf(report: Report, placement: PlacementReport): Panel {
  const { observers, variant } = placement;
  const curves = [...controlsOf(report), ...(observers ?? []).map(curveOf)];
  return {
    heading: nameOf(placement),
    drawing: measured(placement, observers, () =>
      plot({
        title: `ROC curves of each observer, ${variant}`,
        height: 340,
        x: { label: 'false positive rate', domain: [0, 1], ticks: TICKS },
        y: { label: 'true positive rate', domain: [0, 1], ticks: TICKS, grid: true },
        marks: curves.flatMap(marksOf),
      }),
    ),
    note:
      observers === null
        ? ''
        : legend(curves.map(({ name, graph, look }) => [`${name} ${aucOf(graph)}`, look])),
  };
}

function controlsOf({ controls: { uniform, volume, leaky } }: Report): readonly Curve[] {
  return [
    { name: 'uniform', graph: uniform, dash: '1 3', symbol: 'times' as const },
    { name: 'volume', graph: volume, dash: '6 3', symbol: 'plus' as const },
    { name: 'leaky', graph: leaky, dash: 'none', symbol: 'asterisk' as const },
  ].map(({ name, graph, dash, symbol }) => ({
    name,
    graph,
    width: 1,
    look: { colour: 'var(--faint)', dash, symbol },
  }));
}

function curveOf(
  { observer, graph }: { readonly observer: string; readonly graph: GraphReport },
  index: number,
): Curve {
  return { name: observer, graph, look: nthLook(index), width: 1.75 };
}

/** One symbol, in the middle of the curve, is enough to know it by. */
function marksOf({ graph: { roc }, look: { colour, dash, symbol }, width }: Curve): readonly Plot.Markish[] {
  const middle = roc.slice(Math.floor(roc.length / 2)).slice(0, 1);
  return [
    Plot.line(roc, { stroke: colour, strokeDasharray: dash, strokeWidth: width }),
    Plot.dot(middle, { x: '0', y: '1', fill: colour, stroke: colour, symbol, r: 4 }),
  ];
}
