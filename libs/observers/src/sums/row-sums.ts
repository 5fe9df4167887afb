import { type Attempt } from '../inference/attempt.js';
import { PairTable } from '../pairs/pair-table.js';
import { type Seen, byInterval } from '../requests/together.js';

/** How often expected messages become the next round's rates. */
const ROUNDS = 40;
/** How often an interval is scaled in one round, at most. */
const SCALINGS = 60;
const EXACT = 1e-6;
/** A pair that earlier rounds have ruled out keeps so little, or rows might be left that nobody can have. */
const LEAST = 1e-9;
/** Products of two numbers: half a second, at a nanosecond each. */
const MOST_PRODUCTS = 500_000_000;

/** The rows of some agents in one interval. */
interface Interval {
  readonly agents: readonly number[];
  readonly rows: readonly number[];
}

/**
 * Who is with whom where a message makes as many rows at the one agent as at the other: in each interval the agents' rows
 * are the row sums of a symmetric matrix without a diagonal. Each interval's matrix is the one in proportion to the pairs'
 * rates that has these sums, by scaling rows and columns alike (Deming & Stephan 1940; Knight, Ruiz & Uçar 2014). The sum
 * of all intervals is the rates of the next round, after expectation and maximisation for networks of which only sums are
 * known (Vardi 1996). That a row sum's matrix is expected by scaling, and not by counting all that fit, is ours.
 * @returns the expected rows of each two agents; `undefined` with fewer than two intervals: then volumes say the same
 */
export function rowSums(agents: number, seen: readonly Seen[]): Attempt | undefined {
  const intervals = [...byInterval(seen).values()].map(intervalOf).filter((one) => one.agents.length > 1);
  if (intervals.length < 2) return undefined;
  const pairs = intervals.reduce((sum, interval) => sum + interval.agents.length ** 2, 0);
  if (pairs * ROUNDS * SCALINGS > MOST_PRODUCTS) {
    return { notAttempted: `${pairs} pairs in intervals would take more than ${MOST_PRODUCTS} products` };
  }
  let rates = new PairTable(agents);
  rates.values.fill(1);
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = new PairTable(agents);
    for (const interval of intervals) addExpected(next, interval, rates);
    rates = next;
  }
  return { scores: rates };
}

function intervalOf(counts: ReadonlyMap<number, number>): Interval {
  return { agents: [...counts.keys()], rows: [...counts.values()] };
}

function addExpected(sum: PairTable, { agents, rows }: Interval, rates: PairTable): void {
  const matrix = agents.map((a) => Float64Array.from(agents, (b) => (a === b ? 0 : rates.at(a, b) + LEAST)));
  const factors = factorsOf(matrix, rows);
  agents.forEach((a, row) => {
    agents.forEach((b, column) => {
      sum.add(a, b, (factors[row] ?? 0) * (matrix[row]?.[column] ?? 0) * (factors[column] ?? 0));
    });
  });
}

/** By what a symmetric matrix's rows and columns are multiplied to have these sums, or nearly where none has. */
function factorsOf(matrix: readonly Float64Array[], sums: readonly number[]): Float64Array {
  const factors = new Float64Array(sums.length).fill(1);
  for (let scaling = 0; scaling < SCALINGS; scaling += 1) {
    const by = matrix.map((row, at) => (sums[at] ?? 0) / ((factors[at] ?? 0) * productOf(row, factors)));
    by.forEach((factor, at) => {
      factors[at] = (factors[at] ?? 0) * Math.sqrt(factor);
    });
    if (by.every((factor) => Math.abs(factor - 1) < EXACT)) break;
  }
  return factors;
}

function productOf(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}
