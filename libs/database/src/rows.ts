import { byteaArray, isBytea } from './bytea-array.js';
import { type Sql } from './sql.js';

/** What writes any number of rows: its parameters are arrays, one for each column, that `unnest(…)` makes rows of. */
export class RowsStatement {
  private static made = 0;
  /** How many parameters it takes. */
  readonly width: number;
  /** Names it within this process. */
  readonly id = (RowsStatement.made += 1);
  /** Each with `$1`, `$2` … numbered for itself alone, and all of the same parameters. */
  private readonly parts: readonly string[];

  /**
   * @param parts statements with the same parameters, of which none sees what another writes. `$before` in one is what
   * the one before it returns: `insert into a … returning id`, `insert into b select id from $before`.
   */
  constructor(...parts: readonly [string, ...string[]]) {
    this.parts = parts;
    const numbers = parts.flatMap((sql) =>
      Array.from(sql.matchAll(PARAMETER), ([, number]) => Number(number)),
    );
    this.width = Math.max(0, ...numbers);
  }

  /** For so many rows, after so many parameters of others. */
  partsFor(rows: number, parameters: number): readonly string[] {
    return this.parts.map((part) =>
      (rows > FEW ? part : listed(part, rows)).replaceAll(
        PARAMETER,
        (_, number: string) => `$${Number(number) + parameters}`,
      ),
    );
  }
}

const PARAMETER = /\$(\d+)/g;

/** How many rows are listed, each number in a text of its own. */
const FEW = 2;

const UNNEST = /\bunnest\(([^)]*)\)(\s+as\b)?/g;

/**
 * Rows one by one instead of `unnest`, for which the server builds a store for each column: 1.5 ms of CPU for the 43
 * columns that save a message, instead of 0.5.
 */
function listed(sql: string, rows: number): string {
  return sql.replaceAll(UNNEST, (_, columns: string, name = ' as listed') => {
    const row = (index: number): string =>
      columns.replaceAll(/[^\s,]+/g, (column) => `(${column})[${index}]`);
    return `(values ${Array.from({ length: rows }, (_, at) => `(${row(at + 1)})`).join(', ')})${name}`;
  });
}

/** What is to be written, and how. */
export interface Rows {
  readonly statement: RowsStatement;
  /** Each a value for each parameter. */
  readonly rows: readonly (readonly unknown[])[];
}

/** Rows of several statements as one: all of it is written, or none. At once, so that no row sees another. */
export async function writeAtOnce(db: Sql, rows: readonly Rows[]): Promise<void> {
  const writes = byStatement(rows);
  if (writes.length === 0) return;
  const parameters = writes.flatMap(columnsOf);
  await db.query(textOf(writes), parameters);
}

/** The same, one statement after the other, sent together. */
export async function writeInTurn(tx: Sql, rows: readonly Rows[]): Promise<void> {
  const writes = byStatement(rows);
  await Promise.all(writes.map((write) => tx.query(textOf([write]), columnsOf(write))));
}

/** Rows of one statement together, the statements in the order in which they first came. */
function byStatement(all: readonly Rows[]): readonly Rows[] {
  const found = new Map<RowsStatement, (readonly unknown[])[]>();
  for (const { statement, rows } of all) {
    if (rows.length > 0) found.set(statement, [...(found.get(statement) ?? []), ...rows]);
  }
  return Array.from(found, ([statement, rows]) => ({ statement, rows }));
}

/** A parameter for each column: an array of its values. */
function columnsOf({ rows }: Rows): unknown[] {
  return Array.from(rows[0] ?? [], (_, column) => {
    const values = rows.map((row) => row[column]);
    return isBytea(values) ? byteaArray(values) : values;
  });
}

/** The texts of combinations that were met: there are as many as there are kinds of writes. */
const texts = new Map<string, string>();

function textOf(writes: readonly Rows[]): string {
  const name = writes
    .map(({ statement, rows }) => `${statement.id}x${Math.min(rows.length, FEW + 1)}`)
    .join();
  const text = texts.get(name) ?? combine(writes);
  texts.set(name, text);
  return text;
}

function combine(writes: readonly Rows[]): string {
  let parameters = 0;
  const parts = writes.flatMap(({ statement, rows }) => {
    const placed = statement.partsFor(rows.length, parameters);
    parameters += statement.width;
    return placed;
  });
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : together(parts);
}

function together(parts: readonly string[]): string {
  const named = parts.map(
    (part, index) => `written_${index} as (${part.replace('$before', `written_${index - 1}`)})`,
  );
  return `with ${named.join(', ')} select`;
}
