import { type ClientBase, type Pool, type QueryResult } from 'pg';

/** Where SQL can be run: any connection of a pool, or the one that a transaction holds. */
export interface Sql {
  /** @returns the rows; of `update` and `delete`, the rows and how many there were */
  query<Result>(sql: string, parameters?: readonly unknown[]): Promise<Result>;
}

/** Each text that takes parameters is parsed and planned once a connection, under a name of its own. */
const names = new Map<string, string>();

function nameOf(sql: string): string {
  const name = names.get(sql) ?? `musubi_${names.size}`;
  names.set(sql, name);
  return name;
}

/** Runs one statement. Two calls without waiting are both sent at once, in this order. */
export async function run<Result>(
  on: Pool | ClientBase,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Result> {
  if (parameters.length === 0) return resultOf(await on.query(sql)) as Result;
  return resultOf(await on.query({ name: nameOf(sql), text: sql, values: [...parameters] })) as Result;
}

/** As TypeORM gives it, so that one and the same call reads the same through either. */
function resultOf({ command, rows, rowCount }: QueryResult): unknown {
  const isCounted = command === 'UPDATE' || command === 'DELETE';
  return isCounted ? [rows, rowCount] : rows;
}
