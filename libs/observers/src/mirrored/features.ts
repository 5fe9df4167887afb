import { type OwnedColumn } from '../findings/columns.js';
import { type Group, type Grouping } from './groupings.js';

/** Something of each row of a group, in the order of the group's rows, and how two groups' are compared place by place. */
export interface Feature {
  readonly name: string;
  /** Group by group. */
  readonly sequences: readonly Float64Array[];
  /** Into how many cells comparisons fall. */
  readonly cells: number;
  cellOf(one: number, other: number): number;
}

/** Lengths beyond so many different ones are taken together. */
const MOST_SYMBOLS = 16;
/** Where a group has rows without a value, or two of one, a column puts nothing in order. */
const LEAST_DISTINCT = 0.99;
/** |difference of two logarithms of gaps|, by which it falls into one cell or the next. */
const STEPS = [0.1, 0.25, 0.5, 1, 2];

/**
 * What two sides of one conversation can have in common though nothing in them is equal: a flag that one side has and the
 * other has not, in the order of an integer column; the lengths of what is sealed; and how far that column's values are
 * apart. Which of these say anything is learnt (`learntLogs`). Nothing where no column puts rows in order.
 */
export function featuresOf({ table, groups }: Grouping): readonly Feature[] {
  const order = orderOf(table.columns, groups);
  if (order === undefined) return [];
  const ordered = groups.map(({ rows }) =>
    rows.toSorted((a, b) => (order.values[a] ?? 0) - (order.values[b] ?? 0)),
  );
  const symbols = table.columns.flatMap((column) => symbolsOf(column, ordered));
  return [...symbols, gapsOf(order, ordered)];
}

/** The integer column that tells rows of a group apart best. */
function orderOf(columns: readonly OwnedColumn[], groups: readonly Group[]): OwnedColumn | undefined {
  const all = groups.reduce((sum, { rows }) => sum + rows.length, 0);
  const ranked = columns
    .filter(({ kind }) => kind === 'integer')
    .map((column) => ({ column, share: distinctIn(column, groups) / all }))
    .filter(({ share }) => share >= LEAST_DISTINCT)
    .toSorted((one, other) => rangeOf(other.column) - rangeOf(one.column));
  return ranked[0]?.column;
}

function distinctIn({ values }: OwnedColumn, groups: readonly Group[]): number {
  return groups.reduce((sum, { rows }) => {
    const known = rows.map((row) => values[row] ?? NaN).filter((value) => !Number.isNaN(value));
    return sum + new Set(known).size;
  }, 0);
}

function rangeOf({ values }: OwnedColumn): number {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return most - least;
}

/** A flag or a length that is not the same in all rows, as small whole numbers. */
function symbolsOf(
  { name, kind, values }: OwnedColumn,
  ordered: readonly (readonly number[])[],
): readonly Feature[] {
  if (kind !== 'flag' && kind !== 'length') return [];
  const frequent = byFrequency(values).slice(0, MOST_SYMBOLS);
  if (frequent.length < 2) return [];
  const numbers = new Map(frequent.map((value, number) => [value, number]));
  const others = frequent.length;
  const sequences = ordered.map((rows) =>
    Float64Array.from(rows, (row) => numbers.get(values[row] ?? NaN) ?? others),
  );
  return [{ name, sequences, cells: others + 2, cellOf: (one, other) => (one === other ? one : others + 1) }];
}

function byFrequency(values: readonly number[]): readonly number[] {
  const counts = new Map<number, number>();
  for (const value of values) if (!Number.isNaN(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([a, often], [b, oftener]) => oftener - often || a - b).map(([value]) => value);
}

function gapsOf({ name, values }: OwnedColumn, ordered: readonly (readonly number[])[]): Feature {
  const sequences = ordered.map((rows) =>
    Float64Array.from(rows.slice(1), (row, place) =>
      Math.log1p(Math.max(0, (values[row] ?? 0) - (values[rows[place] ?? 0] ?? 0))),
    ),
  );
  const cellOf = (one: number, other: number): number => {
    const difference = Math.abs(one - other);
    const step = STEPS.findIndex((limit) => difference < limit);
    return step === -1 ? STEPS.length : step;
  };
  return { name: `gaps of ${name}`, sequences, cells: STEPS.length + 1, cellOf };
}
