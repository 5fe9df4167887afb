import { type StrategyName } from '@musubi/messaging';
import * as Plot from '@observablehq/plot';
import { type LoadPoint, type PlacementReport } from '../report/report.js';
import { type Content, type Markup, markup } from './markup.js';
import { plot } from './plot.js';

/** Never colour alone: what is drawn differs in its dashes and its symbol as well. */
export interface Look {
  readonly colour: string;
  readonly dash: string;
  readonly symbol: (typeof SYMBOLS)[number];
}

const COLOURS: Readonly<Record<StrategyName, string>> = {
  'source-chain': 'var(--source-chain)',
  'pairwise-dht': 'var(--pairwise-dht)',
  'global-dht': 'var(--global-dht)',
};
const DASHES = ['none', '6 3', '2 3', '8 3 2 3', '12 4', '1 5', '10 3 2 3 2 3'];
const SYMBOLS = [
  'circle',
  'square',
  'triangle',
  'diamond',
  'star',
  'cross',
  'wye',
  'times',
  'plus',
  'asterisk',
] as const;
const HUES = 6;

/** Of one placement, all variants have its colour; each has a form of its own. */
export function lookOf(placements: readonly PlacementReport[], { variant, strategy }: PlacementReport): Look {
  const siblings = placements.filter((other) => other.strategy === strategy);
  return { colour: COLOURS[strategy], ...form(siblings.findIndex((other) => other.variant === variant)) };
}

/** How a line alone looks. */
export type LineLook = Pick<Look, 'colour' | 'dash'> & Partial<Look>;

/** Hollow where some of its messages were not delivered in the time they had: these are in no figure of the others. */
export function loadDots(
  points: readonly Loaded[],
  place: Place,
  { colour, symbol }: Look,
): readonly Plot.Markish[] {
  return points.map((point) =>
    Plot.dot([point], {
      ...place,
      fill: point.gaveUp > 0 ? 'var(--paper)' : colour,
      stroke: colour,
      symbol,
      r: 4,
    }),
  );
}

type Loaded = Pick<LoadPoint, 'gaveUp'>;
interface Place {
  readonly x: string;
  readonly y: string;
}

/** The look of the nth of some things that are no placements. */
export function nthLook(index: number): Look {
  return { colour: `var(--hue-${(index % HUES) + 1})`, ...form(index) };
}

function form(index: number): Omit<Look, 'colour'> {
  return {
    dash: DASHES[index % DASHES.length] ?? 'none',
    symbol: SYMBOLS[index % DASHES.length] ?? 'circle',
  };
}

export function legend(entries: readonly (readonly [name: Content, look: LineLook])[]): Markup {
  return markup`<ul class="legend">${entries.map(([name, look]) => markup`<li>${swatch(look)}<span>${name}</span></li>`)}</ul>`;
}

function swatch({ colour, dash, symbol }: LineLook): Markup {
  return plot({
    title: '',
    width: 34,
    height: 12,
    margin: 0,
    axis: null,
    x: { domain: [0, 1] },
    y: { domain: [0, 1] },
    marks: [
      Plot.ruleY([0.5], { stroke: colour, strokeDasharray: dash, strokeWidth: 1.5 }),
      symbol === undefined ? null : Plot.dot([[0.5, 0.5]], { fill: colour, stroke: colour, symbol, r: 3.5 }),
    ],
  });
}
