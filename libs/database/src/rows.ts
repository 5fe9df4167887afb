import { byteaArray, isBytea } from './bytea-array.js';
import { type Sql } from './sql.js';

/** A statement that writes any number of rows: its parameters are arrays, one for each column. */
export class RowsStatement {
  private static made = 0;
  /** How many parameters it takes. */
  readonly width: number;
  /** Names it within this process. */
  readonly id = (RowsStatement.made += 1);

  constructor(
    /** With `$1`, `$2` … numbered for itself alone. */
    readonly sql: string,
  ) {
    this.width = Math.max(0, ...Array.from(sql.matchAll(PARAMETER), ([, number]) => Number(number)));
  }

  /** The same, after so many parameters of others. */
  after(parameters: number): string {
    return this.sql.replaceAll(PARAMETER, (_, number: string) => `$${Number(number) + parameters}`);
  }
}

const PARAMETER = /\$(\d+)/g;

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
  await db.query(combined(writes.map(({ statement }) => statement)), parameters);
}

/** The same, one statement after the other, on the wire together. */
export async function writeInTurn(tx: Sql, rows: readonly Rows[]): Promise<void> {
  const writes = byStatement(rows);
  await Promise.all(writes.map((write) => tx.query(write.statement.sql, columnsOf(write))));
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

function combined(statements: readonly RowsStatement[]): string {
  const [only] = statements;
  if (only !== undefined && statements.length === 1) return only.sql;
  const name = statements.map(({ id }) => id).join();
  const text = texts.get(name) ?? combine(statements);
  texts.set(name, text);
  return text;
}

function combine(statements: readonly RowsStatement[]): string {
  let parameters = 0;
  const parts = statements.map((statement, index) => {
    const part = `written_${index} as (${statement.after(parameters)})`;
    parameters += statement.width;
    return part;
  });
  return `with ${parts.join(', ')} select`;
}
