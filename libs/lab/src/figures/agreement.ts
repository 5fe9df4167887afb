import {
  type Interval,
  type LoadPoint,
  type LoadReport,
  type PagingReport,
  type PlacementReport,
  type Quantiles,
  type Report,
  type ScalingReport,
  type Validity,
} from '../report/report.js';
import { differencesOf } from './differences.js';
import { wilsonInterval } from './wilson.js';

/** How one figure of a report stands to the same figure of another report of the same comparison. */
export interface Agreement {
  readonly figure: string;
  readonly how: 'equal' | 'within' | 'not valid' | 'apart';
  /** Both figures, or why one does not count. */
  readonly detail: string;
}

/**
 * Holds two reports of one comparison against each other. What follows from the seed must be equal; figures of real time
 * must have intervals with a value in common, or not count in one of the two reports.
 */
export function agreementOf(one: Report, other: Report): readonly Agreement[] {
  const differences = differencesOf(timeless(one), timeless(other));
  const fromSeed: readonly Agreement[] =
    differences.length === 0
      ? [{ figure: 'all that follows from the seed', how: 'equal', detail: '' }]
      : differences.map(({ path, values }) => ({ figure: path, how: 'apart', detail: values.join(' and ') }));
  const timed = one.placements.flatMap((placement) => {
    const same = other.placements.find(({ variant }) => variant === placement.variant);
    return same === undefined ? [] : timedAgreement(placement, same);
  });
  return [...fromSeed, ...timed];
}

/** What docs/measuring.md says follows from the seed; of what collides in real time, whether the promise was borne out. */
export function timeless(report: Report): unknown {
  const { startedAt: _, seconds: __, machine: ___, disturbance: ____, writtenBytes: _____, ...rest } = report;
  const placements = rest.placements.map(({ load: _load, paging: _paging, declared, ...placement }) => ({
    ...placement,
    declared: declared?.map(({ measured: _measured, ...field }) => field) ?? null,
  }));
  return { ...rest, placements };
}

function timedAgreement(one: PlacementReport, other: PlacementReport): readonly Agreement[] {
  const name = one.variant;
  return [
    ...pairsBy(one.load?.points, other.load?.points, ({ concurrency }) => concurrency).flatMap(
      ([senders, points]) => validAgreement(`${name}, ${senders} at once`, points, pointFigures),
    ),
    ...scalingAgreement(name, one.load, other.load),
    ...pairsBy(one.paging, other.paging, ({ messages }) => messages).flatMap(([messages, pages]) =>
      validAgreement(`${name}, pages of ${messages}`, pages, pageFigures),
    ),
  ];
}

type Two<Figures> = readonly [one: Figures | undefined, other: Figures | undefined];

function pairsBy<Figures>(
  one: readonly Figures[] | null | undefined,
  other: readonly Figures[] | null | undefined,
  keyOf: (figures: Figures) => number,
): readonly (readonly [key: number, Two<Figures>])[] {
  const keys = [...new Set([...(one ?? []), ...(other ?? [])].map(keyOf))];
  const find = (all: typeof one, key: number): Figures | undefined =>
    all?.find((figures) => keyOf(figures) === key);
  return keys.map((key) => [key, [find(one, key), find(other, key)]]);
}

/** A figure's name, and its interval; `null` where there is none. */
type Figure = readonly [name: string, interval: Interval | null];

function validAgreement<Figures extends Validity>(
  name: string,
  [one, other]: Two<Figures>,
  figuresOf: (figures: Figures) => readonly Figure[],
): readonly Agreement[] {
  if (one === undefined || other === undefined)
    return [{ figure: name, how: 'apart', detail: 'in one of the reports only' }];
  const reason = one.notValid ?? other.notValid;
  if (reason !== null) return [{ figure: name, how: 'not valid', detail: reason }];
  return intervalsAgreement(name, figuresOf(one), figuresOf(other));
}

function intervalsAgreement(
  name: string,
  one: readonly Figure[],
  other: readonly Figure[],
): readonly Agreement[] {
  return one.map(([figure, interval], index) => {
    const against = other[index]?.[1] ?? null;
    return {
      figure: `${name}, ${figure}`,
      how: overlap(interval, against) ? 'within' : 'apart',
      detail: `${said(interval)} and ${said(against)}`,
    };
  });
}

function overlap(one: Interval | null, other: Interval | null): boolean {
  if (one === null || other === null) return one === other;
  return one[0] <= other[1] && other[0] <= one[1];
}

function said(interval: Interval | null): string {
  return interval === null ? 'none' : interval.map((bound) => Number(bound.toPrecision(3))).join('–');
}

function pointFigures(point: LoadPoint): readonly Figure[] {
  return [
    ['messages/s', point.actsPerSecondInterval],
    ['heads moved', point.headMovedPerMessageInterval],
    ['attempts', point.attemptsPerMessageInterval],
    ['calls', point.callsPerMessageInterval],
    ['given up', wilsonInterval(point.gaveUp, point.acts)],
    ...quantileFigures('saved', point.saved),
    ...quantileFigures('delivered', point.delivered),
  ];
}

function pageFigures(page: PagingReport): readonly Figure[] {
  const { latest, day, around, before } = page;
  return Object.entries({ latest, day, around, before }).flatMap(([name, times]) =>
    quantileFigures(name, times),
  );
}

function quantileFigures(name: string, times: Quantiles | null): readonly Figure[] {
  return [
    [`${name}, p50`, times?.p50Interval ?? null],
    [`${name}, p95`, times?.p95Interval ?? null],
    [`${name}, p99`, times?.p99Interval ?? null],
  ];
}

function scalingAgreement(
  name: string,
  one: LoadReport | null,
  other: LoadReport | null,
): readonly Agreement[] {
  const figure = `${name}, scaling`;
  const reason = [one, other].map(faultOf).find((fault) => fault !== null);
  if (reason !== undefined) return [{ figure, how: 'not valid', detail: reason }];
  return intervalsAgreement(figure, fitFigures(one?.scaling), fitFigures(other?.scaling));
}

/** Why not all of its points count; `null` where they do. */
function faultOf(load: LoadReport | null): string | null {
  return load?.points.find(({ notValid }) => notValid !== null)?.notValid ?? null;
}

function fitFigures(fit: ScalingReport | null | undefined): readonly Figure[] {
  if (fit === null || fit === undefined) return ['λ', 'σ', 'κ'].map((name) => [name, null]);
  return [
    ['λ', fit.lambdaInterval],
    ['σ', fit.sigmaInterval],
    ['κ', fit.kappaInterval],
  ];
}
