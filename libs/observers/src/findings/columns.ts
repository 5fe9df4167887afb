import { SHORT_BYTES } from '../parties/sizes.js';
import { digest } from './digest.js';
import { type NamedRow } from './naming.js';

/** What can be compared of a value without any key: equality, one of two, order, or length. */
type ColumnKind = 'id' | 'flag' | 'integer' | 'length';

/** One column of the rows that agents own, as numbers. */
export interface OwnedColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Row by row: a digest, 0 or 1, the integer, or a length; NaN where there is none of that kind. */
  readonly values: readonly number[];
}

/** The rows of one table that have an owner. */
export interface OwnedTable {
  readonly table: string;
  /** Row by row. */
  readonly owners: readonly number[];
  /** Row by row, the party's own time. */
  readonly at: readonly (number | undefined)[];
  readonly columns: readonly OwnedColumn[];
}

/** Text, as PostgreSQL's bigint comes. */
const INTEGER = /^-?\d{1,19}$/;

/** Collects the rows of each agent, column by column: 8 bytes a value, and 8 a row for its time. */
export class ColumnSense {
  private readonly tables = new Map<string, TableSoFar>();

  /** @param at the party's own time of the row */
  take({ table, owner, others }: NamedRow, at: number | undefined): void {
    if (owner === null) return;
    const soFar = this.tables.get(table) ?? new TableSoFar(table);
    this.tables.set(table, soFar);
    soFar.take(owner, others);
    soFar.at.push(at);
  }

  findings(): readonly OwnedTable[] {
    return [...this.tables.values()].map((table) => table.findings());
  }
}

interface ColumnSoFar {
  readonly kind: ColumnKind;
  readonly values: number[];
}

class TableSoFar {
  readonly at: (number | undefined)[] = [];
  private readonly owners: number[] = [];
  private readonly columns = new Map<string, ColumnSoFar>();

  constructor(private readonly table: string) {}

  take(owner: number, values: NamedRow['others']): void {
    this.owners.push(owner);
    for (const [column, value] of values) {
      const read = readingOf(value);
      if (read !== null) this.put(column, read);
    }
  }

  findings(): OwnedTable {
    const rows = this.owners.length;
    const columns = [...this.columns].map(([name, { kind, values }]) => {
      fill(values, rows);
      return { name, kind, values };
    });
    return { table: this.table, owners: this.owners, at: this.at, columns };
  }

  /** A column is of the kind of its first value. */
  private put(column: string, { kind, number }: Read): void {
    const known = this.columns.get(column) ?? { kind, values: [] };
    this.columns.set(column, known);
    fill(known.values, this.owners.length - 1);
    known.values.push(known.kind === kind ? number : NaN);
  }
}

function fill(values: number[], rows: number): void {
  while (values.length < rows) values.push(NaN);
}

interface Read {
  readonly kind: ColumnKind;
  readonly number: number;
}

function readingOf(value: unknown): Read | null {
  if (typeof value === 'boolean') return { kind: 'flag', number: Number(value) };
  if (typeof value === 'number') return { kind: 'integer', number: value };
  if (typeof value === 'string') {
    return INTEGER.test(value)
      ? { kind: 'integer', number: Number(value) }
      : { kind: 'id', number: digest(Buffer.from(value)) };
  }
  if (!(value instanceof Uint8Array)) return null;
  return value.length > SHORT_BYTES
    ? { kind: 'length', number: value.length }
    : { kind: 'id', number: digest(value) };
}
