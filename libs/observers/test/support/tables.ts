import { PairTable } from '@musubi/observers';

/** A table by its rows. */
export function tableOf(rows: readonly (readonly number[])[]): PairTable {
  const table = new PairTable(rows.length);
  rows.forEach((row, from) => {
    row.forEach((value, to) => {
      table.add(from, to, value);
    });
  });
  return table;
}

/** A table without direction, by its pairs. */
export function pairsOf(agents: number, pairs: readonly (readonly [number, number, number])[]): PairTable {
  const table = new PairTable(agents);
  for (const [a, b, value] of pairs) {
    table.add(a, b, value);
    table.add(b, a, value);
  }
  return table;
}

export const floats = (...values: number[]): Float64Array => Float64Array.from(values);

/** What is in a table, row after row. */
export function rowsOf({ agents, values }: PairTable): number[][] {
  return Array.from({ length: agents }, (_, row) => [...values.slice(row * agents, (row + 1) * agents)]);
}
