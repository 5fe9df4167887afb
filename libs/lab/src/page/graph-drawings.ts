import * as Plot from '@observablehq/plot';
import { type Edge, type GraphReport, type PlacementReport, type Report } from '../report/report.js';
import { type Panel, figure, type Section } from './layout.js';
import { legend } from './looks.js';
import { type Content, type Markup, markup } from './markup.js';
import { amount, counted, percent } from './numbers.js';
import { defaultsFirst, notMeasured } from './placements.js';
import { plot } from './plot.js';

/** More of them on one circle cannot be told apart. */
const MOST_AGENTS = 48;

/** Never colour alone: dashes and widths differ as well. */
const KINDS = {
  found: { name: 'found: a true pair', colour: 'var(--hue-1)', dash: 'none', width: 1.75 },
  wrong: { name: 'wrong: no such pair', colour: 'var(--hue-2)', dash: '4 3', width: 1.25 },
  missed: { name: 'missed: a true pair', colour: 'var(--faint)', dash: '1 3', width: 1 },
} as const;
const ORDER = ['missed', 'wrong', 'found'] as const;
type Kind = keyof typeof KINDS;

interface Line {
  readonly kind: Kind;
  readonly edge: Edge;
}

/** The graph that each observer took for the true one, beside the true one. */
export function graphDrawings(report: Report): Section {
  const circle = new Circle(report);
  const content = defaultsFirst(report, (placements) =>
    placements.map((placement) => graphsOf(placement, circle)),
  );
  return { id: 'graphs', heading: 'The social graph, as each observer draws it', content };
}

function graphsOf(placement: PlacementReport, circle: Circle): Markup {
  const { variant, observers } = placement;
  if (observers === null) return markup`<h3>${variant}</h3><p>${notMeasured(placement)}</p>`;
  const truth: Panel = {
    heading: 'the true graph',
    drawing: circle.draw(
      circle.truth.map((edge) => ({ kind: 'found', edge })),
      'The true graph',
    ),
    note: counted(circle.truth.length, 'pair'),
  };
  const panels = observers.map(({ observer, inferred, graph }): Panel => {
    const lines = circle.compare(inferred);
    return {
      heading: observer,
      drawing: circle.draw(lines, `The graph inferred by ${observer}, ${variant}`),
      note: markup`${ORDER.toReversed()
        .map((kind) => `${countOf(lines, kind)} ${kind}`)
        .join(', ')}<small>${rankingOf(graph)}</small>`,
    };
  });
  return figure({
    size: 'small',
    legend: legend(Object.values(KINDS).map((kind) => [kind.name, kind])),
    panels: [truth, ...panels],
    caption: captionOf(placement, circle),
  });
}

function rankingOf({ auc, aucInterval: [low, high], precisionAtEdges, baseRate }: GraphReport): string {
  if (auc === 0.5 && low === high) return 'Names nobody: all pairs look the same to it.';
  return `Precision at |E|: ${percent(precisionAtEdges)}; guessing: ${percent(baseRate)}.`;
}

function captionOf({ variant }: PlacementReport, circle: Circle): Content {
  const shown = circle.isWhole
    ? `All ${circle.agents.length} agents`
    : `The ${circle.agents.length} agents with the most peers, of ${amount(circle.size)}`;
  return markup`<strong>${variant}.</strong> ${shown}, each at the same place of every circle. An observer names as many
pairs as there are true ones, those that it scores highest; fewer where the last of them are level with others, of which precision at
|E| then takes its share. n = ${counted(circle.all, 'true pair')}.`;
}

function countOf(lines: readonly Line[], kind: Kind): number {
  return lines.filter((line) => line.kind === kind).length;
}

/** The agents round a circle, by number: nothing is moved to make a graph look better than it is. */
class Circle {
  readonly agents: readonly number[];
  readonly truth: readonly Edge[];
  readonly size: number;
  /** True pairs among all agents, drawn or not. */
  readonly all: number;

  constructor({ truth }: Report) {
    const degrees = new Map(Array.from({ length: truth.agents }, (_, agent) => [agent, 0]));
    for (const agent of truth.edges.flatMap(([a, b]) => [a, b]))
      degrees.set(agent, (degrees.get(agent) ?? 0) + 1);
    const byDegree = [...degrees].toSorted(([a, m], [b, n]) => n - m || a - b).map(([agent]) => agent);
    this.agents = byDegree.slice(0, MOST_AGENTS).toSorted((a, b) => a - b);
    this.truth = this.within(truth.edges);
    this.size = truth.agents;
    this.all = truth.edges.length;
  }

  get isWhole(): boolean {
    return this.agents.length === this.size;
  }

  compare(inferred: readonly Edge[]): readonly Line[] {
    const [truths, guesses] = [keysOf(this.truth), keysOf(this.within(inferred))];
    const guessed = this.within(inferred).map((edge): Line => ({
      kind: truths.has(keyOf(edge)) ? 'found' : 'wrong',
      edge,
    }));
    const missed = this.truth.filter((edge) => !guesses.has(keyOf(edge)));
    return [...guessed, ...missed.map((edge): Line => ({ kind: 'missed', edge }))];
  }

  draw(lines: readonly Line[], title: string): Markup {
    const at = new Map(this.agents.map((agent, index) => [agent, this.place(index)]));
    const end = (agent: number): readonly [number, number] => at.get(agent) ?? [0, 0];
    return plot({
      title,
      width: 230,
      height: 230,
      margin: 8,
      axis: null,
      x: { domain: [-1, 1] },
      y: { domain: [-1, 1] },
      marks: [
        ...ORDER.map((kind) => linesOf(kind, lines, end)),
        Plot.dot(at.values(), { r: 2.5, fill: 'var(--ink)', stroke: 'var(--paper)', strokeWidth: 0.75 }),
      ],
    });
  }

  private place(index: number): readonly [x: number, y: number] {
    const turn = (2 * Math.PI * index) / this.agents.length;
    return [Math.sin(turn), Math.cos(turn)];
  }

  private within(edges: readonly Edge[]): readonly Edge[] {
    const shown = new Set(this.agents);
    return edges.filter(([a, b]) => shown.has(a) && shown.has(b));
  }
}

function linesOf(
  kind: Kind,
  lines: readonly Line[],
  end: (agent: number) => readonly [number, number],
): Plot.Markish {
  const { colour, dash, width } = KINDS[kind];
  const ends = lines.filter((line) => line.kind === kind).map(({ edge: [a, b] }) => [...end(a), ...end(b)]);
  return Plot.link(ends, {
    x1: '0',
    y1: '1',
    x2: '2',
    y2: '3',
    stroke: colour,
    strokeDasharray: dash,
    strokeWidth: width,
  });
}

function keysOf(edges: readonly Edge[]): ReadonlySet<string> {
  return new Set(edges.map(keyOf));
}

function keyOf([a, b]: Edge): string {
  return `${a} ${b}`;
}
