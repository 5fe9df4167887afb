import * as Plot from '@observablehq/plot';
import { type PlacementReport, type Report } from '../report/report.js';
import { type Panel, figure, type Section } from './layout.js';
import { legend, lookOf } from './looks.js';
import { type Content, markup } from './markup.js';
import { counted } from './numbers.js';
import { leftOut, notValidPoints, observerOf, validPoints } from './placements.js';
import { plot } from './plot.js';

interface Point {
  readonly placement: PlacementReport;
  readonly rate: number;
  readonly auc: number;
  readonly low: number;
  readonly high: number;
}

const STRANGERS = { name: 'crawler', heading: 'Exposed to strangers (crawler)' } as const;
const OBSERVERS = [STRANGERS, { name: 'whole-disk', heading: 'Exposed to the whole disk' }] as const;

/** What speed costs in exposure, or exposure in speed. */
export function paretoFront(report: Report): Section {
  const { volume } = report.controls;
  const missing = report.placements.filter(
    (placement) => validPoints(placement).length === 0 || placement.observers === null,
  );
  const shown = report.placements.filter((placement) => !missing.includes(placement));
  const content = figure({
    size: 'wide',
    legend: legend(shown.map((placement) => [placement.variant, lookOf(report.placements, placement)])),
    panels: OBSERVERS.map((observer) => panelOf(report, observer)),
    caption: markup`<strong>Exposure against throughput.</strong> Each variant at the number of senders that it was fastest
with; bars are 95 % intervals of the AUC. Lower and further right is better: ringed and joined are the variants of which no other is
better in both. n = ${counted(volume.pairs, 'pair')}.${leftOut(missing)}${notValidPoints(missing)}`,
  });
  return { id: 'pareto', heading: 'Exposure against throughput', content };
}

/** The drawing for strangers alone. */
export function frontOfStrangers(report: Report): Content {
  return panelOf(report, STRANGERS).drawing;
}

function panelOf(report: Report, { name, heading }: (typeof OBSERVERS)[number]): Panel {
  const points = report.placements.flatMap((placement) => pointOf(placement, name));
  const { auc } = report.controls.volume;
  const fastest = Math.max(1, ...points.map(({ rate }) => rate));
  const drawing = plot({
    title: `AUC against messages per second, ${heading}`,
    width: 480,
    height: 300,
    marginTop: 26,
    x: { label: 'messages/s', domain: [0, fastest], nice: true },
    y: { label: 'AUC', domain: [Math.min(0.4, ...points.map(({ low }) => low)), 1], grid: true },
    marks: [
      reference(0.5, 'guessing'),
      reference(auc, 'volume alone'),
      Plot.line(frontOf(points), {
        x: 'rate',
        y: 'auc',
        curve: 'step-before',
        stroke: 'var(--faint)',
        strokeWidth: 5,
        strokeOpacity: 0.35,
      }),
      Plot.dot(frontOf(points), { x: 'rate', y: 'auc', r: 10, stroke: 'var(--faint)' }),
      ...points.flatMap((point) => marksOf(report, point)),
    ],
  });
  return { heading, drawing };
}

function pointOf(placement: PlacementReport, observer: string): readonly Point[] {
  const graph = observerOf(placement, observer)?.graph;
  const rates = validPoints(placement).map(({ actsPerSecond }) => actsPerSecond);
  if (graph === undefined || rates.length === 0) return [];
  const [low, high] = graph.aucInterval;
  return [{ placement, rate: Math.max(...rates), auc: graph.auc, low, high }];
}

/** From the slowest, least exposed to the fastest. */
function frontOf<P extends { readonly rate: number; readonly auc: number }>(
  points: readonly P[],
): readonly P[] {
  const beats = (a: P, b: P): boolean =>
    a.rate >= b.rate && a.auc <= b.auc && (a.rate > b.rate || a.auc < b.auc);
  return points
    .filter((point) => !points.some((other) => beats(other, point)))
    .toSorted((a, b) => a.rate - b.rate);
}

function reference(auc: number, name: string): Plot.Markish {
  return [
    Plot.ruleY([auc], { stroke: 'var(--faint)', strokeDasharray: '2 3' }),
    Plot.text([name], {
      y: [auc],
      frameAnchor: 'left',
      textAnchor: 'start',
      dx: 4,
      dy: -6,
      fill: 'var(--soft)',
    }),
  ];
}

function marksOf(report: Report, point: Point): readonly Plot.Markish[] {
  const { colour, symbol } = lookOf(report.placements, point.placement);
  return [
    Plot.ruleX([point], { x: 'rate', y1: 'low', y2: 'high', stroke: colour }),
    Plot.dot([point], { x: 'rate', y: 'auc', fill: colour, stroke: 'var(--paper)', symbol, r: 5.5 }),
  ];
}
