import { holds } from '../figures/integrity.js';
import {
  type IntegrityReport,
  type LoadPoint,
  type ObserverReport,
  type PlacementReport,
  type Report,
  type Validity,
} from '../report/report.js';
import { folded } from './layout.js';
import { type Content, type Markup, NOTHING, markup } from './markup.js';
import { counted } from './numbers.js';

/** The first that was measured of each placement: its default, unless that one was not asked for. */
export function defaultsOf({ placements }: Report): readonly PlacementReport[] {
  return placements.filter(
    ({ strategy }, index) => placements.findIndex((other) => other.strategy === strategy) === index,
  );
}

/** The same part for the defaults, and folded up for all other variants. */
export function defaultsFirst(
  report: Report,
  part: (placements: readonly PlacementReport[]) => Content,
): Markup {
  const defaults = defaultsOf(report);
  const others = report.placements.filter((placement) => !defaults.includes(placement));
  const names = others.map(({ variant }) => variant).join(', ');
  return markup`${part(defaults)}
${others.length === 0 ? NOTHING : folded(`The same for the other variants: ${names}`, part(others))}`;
}

export function observerOf({ observers }: PlacementReport, name: string): ObserverReport | undefined {
  return observers?.find(({ observer }) => observer === name);
}

/** Of real time, those figures that count. */
export function valid<Timed extends Validity>(figures: readonly Timed[]): readonly Timed[] {
  return figures.filter(({ notValid }) => notValid === null);
}

/** The load figures that count. */
export function validPoints({ load }: Pick<PlacementReport, 'load'>): readonly LoadPoint[] {
  return valid(load?.points ?? []);
}

/** Of the load figures of some placements, those that do not count, and why. */
export function notValidPoints(placements: readonly PlacementReport[]): Content {
  const named = placements.flatMap(({ variant, load }) =>
    (load?.points ?? []).flatMap(({ concurrency, notValid }) =>
      notValid === null ? [] : [`${variant} with ${counted(concurrency, 'sender')}: ${notValid}`],
    ),
  );
  return named.length === 0
    ? NOTHING
    : markup` <span class="missing">Not valid, and left out: ${named.join('; ')}.</span>`;
}

/** The load figures under the most senders at once. */
export function busiestPoint({ load }: PlacementReport): LoadPoint | undefined {
  return load?.points.toSorted((a, b) => a.concurrency - b.concurrency).at(-1);
}

/** Why there is no figure. Never a 0 in its stead. */
export function notMeasured({ integrity }: Pick<PlacementReport, 'integrity'>): Markup {
  return markup`<span class="missing">${reasonFor(integrity)}</span>`;
}

function reasonFor(integrity: IntegrityReport): string {
  return holds(integrity) ? 'not measured' : 'not measured, because integrity failed';
}

/** Figures of real time where they count, and else why not. */
export function timed<Timed extends Validity>(
  placement: PlacementReport,
  figures: Timed | null | undefined,
  shown: (figures: Timed) => Content,
): Content {
  return measured(placement, figures, (given) =>
    given.notValid === null
      ? shown(given)
      : markup`<span class="missing">not valid: ${given.notValid}</span>`,
  );
}

/** Of some placements that a figure leaves out, why. */
export function leftOut(
  placements: readonly PlacementReport[],
  reasonOf = ({ integrity }: PlacementReport): string => reasonFor(integrity),
): Content {
  const reasons = [...new Set(placements.map(reasonOf))];
  return reasons.map((reason) => {
    const names = placements.filter((placement) => reasonOf(placement) === reason);
    return markup` <span class="missing">${names.map(({ variant }) => variant).join(', ')}: ${reason}.</span>`;
  });
}

/** Breaks at its slash alone. */
export function nameOf({ variant }: PlacementReport): Content {
  return variant
    .split('/')
    .map((part, index) => markup`${index === 0 ? '' : '/'}<wbr><span class="whole">${part}</span>`);
}

/** The figures where they were measured, and else why not. */
export function measured<T>(
  placement: PlacementReport,
  figures: T | null | undefined,
  shown: (figures: T) => Content,
): Content {
  return figures === null || figures === undefined ? notMeasured(placement) : shown(figures);
}
