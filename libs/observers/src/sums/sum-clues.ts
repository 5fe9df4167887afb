import { type OwnedTable } from '../findings/columns.js';
import { type UnnamedColumn } from '../findings/unnamed.js';
import { Tally } from '../inference/tally.js';

/** What a party read at one look. */
export interface Look {
  readonly owned: readonly OwnedTable[];
  readonly unnamed: readonly UnnamedColumn[];
}

/** How many rows lay in each mailbox, and were of each agent, at one look. */
export interface Weighed {
  readonly boxes: ReadonlyMap<number, number>;
  readonly rows: Tally;
}

/** Unnamed mailboxes whose rows are as many as the agents' own rows in some table: each conversation counts in both. */
export interface SumClues {
  /** `table.column` */
  readonly mailboxes: string;
  /** The table of the agents' rows. */
  readonly table: string;
  readonly last: Weighed;
  /** How many mailboxes each agent has a share in, where some table has as many rows as there are mailboxes. */
  readonly degrees: Tally | null;
}

/** By which share the two sums may differ: messages under way, rows deleted. */
const NEARLY = 0.02;
const FEWEST_BOXES = 4;

/**
 * Finds a column of mailboxes and a table of agents' rows that add up to the same number: of several, those that do so
 * most exactly. `undefined` where none do.
 */
export function sumCluesOf({ unnamed, owned }: Look, agents: number): SumClues | undefined {
  const tables = owned.map(({ table, owners }) => ({ table, rows: tallied(owners, agents) }));
  const found = unnamed.flatMap((column) => cluesOf(column, tables));
  const [best] = found.toSorted((one, other) => apartIn(one) - apartIn(other));
  return best;
}

interface TalliedTable {
  readonly table: string;
  readonly rows: Tally;
}

function cluesOf(column: UnnamedColumn, tables: readonly TalliedTable[]): readonly SumClues[] {
  const boxes = weightsOf(column);
  const all = sumOf(boxes.values());
  if (boxes.size < FEWEST_BOXES || all === boxes.size) return [];
  return tables
    .filter(({ rows }) => isVaried(rows) && isNear(sumOf(rows.values), all))
    .map(({ table, rows }) => {
      const others = tables.filter((other) => other.table !== table);
      const degrees = others.find((other) => isNear(sumOf(other.rows.values), boxes.size))?.rows ?? null;
      return { mailboxes: column.field, table, last: { boxes, rows }, degrees };
    });
}

function apartIn({ last: { boxes, rows } }: SumClues): number {
  return Math.abs(sumOf(rows.values) - sumOf(boxes.values()));
}

/** The same mailboxes and table at another look. */
export function weighedLike({ mailboxes, table, last }: SumClues, { unnamed, owned }: Look): Weighed {
  const column = unnamed.find(({ field }) => field === mailboxes);
  const owners = owned.find((other) => other.table === table)?.owners ?? [];
  return { boxes: weightsOf(column), rows: tallied(owners, last.rows.values.length) };
}

function weightsOf(column: UnnamedColumn | undefined): ReadonlyMap<number, number> {
  return new Map([...(column?.boxes ?? [])].map(([value, times]) => [value, times.length]));
}

function tallied(owners: readonly number[], agents: number): Tally {
  const rows = new Tally(agents);
  for (const owner of owners) rows.add(owner, 1);
  return rows;
}

function isVaried({ values }: Tally): boolean {
  return values.some((value) => value !== values[0]);
}

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= NEARLY * Math.max(one, other);
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
