import { type OwnedColumn, type OwnedTable } from '../findings/columns.js';

/** Rows of one agent that are equal in one column: its side of a conversation, perhaps. */
export interface Group {
  readonly owner: number;
  /** What the rows are equal in, as a number. */
  readonly value: number;
  /** Their places in the table. */
  readonly rows: readonly number[];
}

export interface Grouping {
  /** `table.column` */
  readonly field: string;
  readonly table: OwnedTable;
  readonly groups: readonly Group[];
}

/** How many rows an agent has that are equal in one value. */
export type GroupSizes = (owner: number, value: number) => number;

/** Of values, those that only one agent's rows have; of groups, those that hold more than one row. */
const [LEAST_OWN, LEAST_SHARED] = [0.95, 0.1];
const FEWEST_GROUPS = 4;

/**
 * Each column that cuts the rows of agents into groups: its values are each of one agent, several stand in more than one
 * of its rows, and agents have several. That is what a conversation's name looks like, whatever it is called. The
 * column whose groups differ most in size comes first.
 */
export function groupingsOf(tables: readonly OwnedTable[]): readonly Grouping[] {
  const found = tables.flatMap((table) =>
    table.columns.flatMap((column) => {
      const grouping = { field: `${table.table}.${column.name}`, table, groups: groupsOf(table, column) };
      return isGrouping(grouping, column) ? [grouping] : [];
    }),
  );
  return found
    .map((grouping) => ({ grouping, bits: bitsOfSizes(grouping) }))
    .toSorted((one, other) => other.bits - one.bits)
    .map(({ grouping }) => grouping);
}

function groupsOf({ owners }: OwnedTable, { kind, values }: OwnedColumn): readonly Group[] {
  if (kind === 'flag' || kind === 'length' || isTime(values)) return [];
  const groups = new Map<string, { owner: number; value: number; rows: number[] }>();
  values.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    const owner = owners[row] ?? 0;
    const key = `${owner} ${value}`;
    const group = groups.get(key) ?? { owner, value, rows: [] };
    groups.set(key, group);
    group.rows.push(row);
  });
  // However the rows lay: the same rows, the same figures to the last digit.
  return [...groups.values()].sort((one, other) => one.owner - other.owner || one.value - other.value);
}

/** µs since the epoch, from 2001 to 2286: rows of one moment are of one act, and other attacks go by when acts are. */
function isTime(values: readonly number[]): boolean {
  return values.every((value) => Number.isNaN(value) || (value >= 1e15 && value < 1e16));
}

/** How many rows each agent has that are equal in a column, at another look. */
export function groupSizesOf(tables: readonly OwnedTable[], field: string): GroupSizes {
  const sizes = new Map<string, number>();
  for (const { table, owners, columns } of tables) {
    const column = columns.find(({ name }) => `${table}.${name}` === field);
    column?.values.forEach((value, row) => {
      const key = `${owners[row] ?? 0} ${value}`;
      sizes.set(key, (sizes.get(key) ?? 0) + 1);
    });
  }
  return (owner, value) => sizes.get(`${owner} ${value}`) ?? 0;
}

function isGrouping({ groups }: Grouping, { values }: OwnedColumn): boolean {
  const distinct = new Set(values.filter((value) => !Number.isNaN(value))).size;
  const owners = new Set(groups.map(({ owner }) => owner)).size;
  const shared = groups.filter(({ rows }) => rows.length > 1).length;
  return (
    groups.length >= FEWEST_GROUPS &&
    owners > 1 &&
    groups.length > owners &&
    distinct >= LEAST_OWN * groups.length &&
    shared >= LEAST_SHARED * groups.length
  );
}

/** Shannon's entropy of the sizes: with one size for all, sizes tell nothing. */
function bitsOfSizes({ groups }: Grouping): number {
  const sizes = new Map<number, number>();
  for (const { rows } of groups) sizes.set(rows.length, (sizes.get(rows.length) ?? 0) + 1);
  return [...sizes.values()].reduce((bits, count) => {
    const share = count / groups.length;
    return bits - share * Math.log2(share);
  }, 0);
}
