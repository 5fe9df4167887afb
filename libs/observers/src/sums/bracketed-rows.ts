import { type OwnedColumn, type OwnedTable } from '../findings/columns.js';
import { type Seen } from '../requests/together.js';
import { isCoarseTime } from './day-rows.js';

/** All rows for each that the party holds: beyond, it holds too few to say anything. */
const MOST_FOR_EACH = 20;

/** A row with its place in its agent's sequence. */
interface Numbered extends Seen {
  readonly number: number;
}

/**
 * Whose rows of which day there are, with those that the party does not hold: agents number their rows, so that it knows
 * how many are hidden between two that it holds. A hidden row is taken to be of the day of the nearest one in number.
 * Rows of joining, which have the same number with all agents, are left out.
 * @returns none where no rows are numbered and of coarse times, or where none is hidden
 */
export function bracketedRowsByDay(owned: readonly OwnedTable[]): readonly Seen[] {
  for (const table of owned) {
    const times = table.columns.find(isCoarseTime);
    const numbers = times && table.columns.find((column) => isSequence(table, column));
    if (times === undefined || numbers === undefined) continue;
    const first = firstAfterJoining(table, numbers);
    const held = table.owners
      .map((agent, row) => ({ agent, interval: times.values[row] ?? 0, number: numbers.values[row] ?? 0 }))
      .filter(({ number }) => number >= first);
    const all = [...byAgent(held).values()].flatMap((rows) => bracketed(rows, first));
    if (all.length > held.length) return all;
  }
  return [];
}

/** Integers from 0 on, each once with an agent, of which not too many are left out. */
function isSequence({ owners }: OwnedTable, { kind, values }: OwnedColumn): boolean {
  if (kind !== 'integer' || values.some((value) => !(value >= 0))) return false;
  const highest = new Map<number, number>();
  const seen = new Set<string>();
  values.forEach((value, row) => {
    const agent = owners[row] ?? 0;
    seen.add(`${agent} ${value}`);
    highest.set(agent, Math.max(highest.get(agent) ?? 0, value));
  });
  const all = [...highest.values()].reduce((sum, value) => sum + value + 1, 0);
  return seen.size === values.length && all <= MOST_FOR_EACH * values.length;
}

/** The number behind those of joining: kinds of rows that several agents have, all at one number. */
function firstAfterJoining({ owners, columns }: OwnedTable, { values: numbers }: OwnedColumn): number {
  const joining = columns
    .filter(({ kind }) => kind === 'id')
    .flatMap(({ values }) => {
      return [...rowsByValue(values)].filter((rows) => {
        const isOfSeveral = new Set(rows.map((row) => owners[row])).size > 1;
        return isOfSeveral && new Set(rows.map((row) => numbers[row])).size === 1;
      });
    });
  return joining.reduce((first, [row = 0]) => Math.max(first, (numbers[row] ?? 0) + 1), 0);
}

function rowsByValue(values: readonly number[]): Iterable<readonly number[]> {
  const rows = new Map<number, number[]>();
  values.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    const known = rows.get(value) ?? [];
    rows.set(value, known);
    known.push(row);
  });
  return rows.values();
}

function byAgent(rows: readonly Numbered[]): ReadonlyMap<number, readonly Numbered[]> {
  const agents = new Map<number, Numbered[]>();
  for (const row of rows) {
    const known = agents.get(row.agent) ?? [];
    agents.set(row.agent, known);
    known.push(row);
  }
  return agents;
}

/** An agent's rows up to the last that is held. */
function bracketed(rows: readonly Numbered[], first: number): readonly Seen[] {
  const rising = rows.toSorted((one, other) => one.number - other.number);
  return rising.flatMap((row, nth) => {
    const { agent, interval, number } = row;
    const before = rising[nth - 1];
    const hidden = number - (before === undefined ? first : before.number + 1);
    const earlier = before === undefined ? 0 : Math.floor(hidden / 2);
    const days = Array.from({ length: hidden }, (_, one) =>
      one < earlier ? (before?.interval ?? interval) : interval,
    );
    return [...days, interval].map((day) => ({ agent, interval: day }));
  });
}
