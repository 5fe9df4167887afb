import { byteaArray, isBytea } from './bytea-array.js';
import { type Sql } from './sql.js';

/** What writes any number of rows: its parameters are arrays, one for each column. */
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

  /** As one statement. */
  get sql(): string {
    const [only] = this.parts;
    return this.parts.length === 1 && only !== undefined ? only : together(this.after(0));
  }

  /** The same, after so many parameters of others. */
  after(parameters: number): readonly string[] {
    return this.parts.map((sql) =>
      sql.replaceAll(PARAMETER, (_, number: string) => `$${Number(number) + parameters}`),
    );
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

/** The same, one statement after the other, sent together. */
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
  const parts = statements.flatMap((statement) => {
    const placed = statement.after(parameters);
    parameters += statement.width;
    return placed;
  });
  return together(parts);
}

function together(parts: readonly string[]): string {
  const named = parts.map(
    (part, index) => `written_${index} as (${part.replace('$before', `written_${index - 1}`)})`,
  );
  return `with ${named.join(', ')} select`;
}
