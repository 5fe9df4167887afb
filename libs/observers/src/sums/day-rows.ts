import { type OwnedColumn, type OwnedTable } from '../findings/columns.js';
import { type Seen } from '../requests/together.js';

/** µs since the epoch, from 2001 to 2286. */
const [EARLIEST, LATEST] = [1e15, 1e16];
/** Rows of one time, on the average: with fewer, order and time tell more than sums do. */
const FEWEST_AT_ONCE = 4;

/** Whose rows of which day there are, in the table with most such rows; none where no column has a time that coarse. */
export function rowsByDay(owned: readonly OwnedTable[], agents: number): readonly Seen[] {
  const found = owned.map((table) => {
    const day = table.columns.find(isCoarseTime);
    return day === undefined ? [] : seenIn(table, day.values, agents);
  });
  return longestOf(found);
}

/** Whose rows the party saw when by its own clock, in the table with most such rows. */
export function rowsByOwnClock(owned: readonly OwnedTable[], agents: number): readonly Seen[] {
  return longestOf(owned.map((table) => seenIn(table, table.at, agents)));
}

function longestOf(found: readonly (readonly Seen[])[]): readonly Seen[] {
  return found.toSorted((one, other) => other.length - one.length)[0] ?? [];
}

/** µs since the epoch, at least four rows of each time on the average. */
export function isCoarseTime({ kind, values }: OwnedColumn): boolean {
  const isTime = kind === 'integer' && values.every((value) => value >= EARLIEST && value < LATEST);
  return isTime && new Set(values).size * FEWEST_AT_ONCE <= values.length;
}

function seenIn(table: OwnedTable, times: readonly (number | undefined)[], agents: number): readonly Seen[] {
  const alike = table.columns
    .filter(({ kind }) => kind === 'id')
    .map((column) => valuesAlike(table, column, agents));
  const isAlike = (row: number): boolean => alike.some(({ values, of }) => of.has(values[row] ?? NaN));
  return table.owners.flatMap((agent, row) => {
    const interval = times[row];
    return interval === undefined || isAlike(row) ? [] : [{ agent, interval }];
  });
}

interface Alike {
  readonly values: readonly number[];
  readonly of: ReadonlySet<number>;
}

/** Values that each agent has in as many rows as any other, such as the kinds of rows that joining makes. */
function valuesAlike({ owners }: OwnedTable, { values }: OwnedColumn, agents: number): Alike {
  const counts = new Map<number, Map<number, number>>();
  values.forEach((value, row) => {
    const owner = owners[row] ?? 0;
    const byOwner = counts.get(value) ?? new Map<number, number>();
    counts.set(value, byOwner);
    byOwner.set(owner, (byOwner.get(owner) ?? 0) + 1);
  });
  const isEven = ([, byOwner]: readonly [number, ReadonlyMap<number, number>]): boolean =>
    byOwner.size === agents && new Set(byOwner.values()).size === 1;
  return { values, of: new Set([...counts].filter(isEven).map(([value]) => value)) };
}
