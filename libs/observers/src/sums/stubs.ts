import { type SumClues, type Weighed } from './sum-clues.js';

/** Conversations without names, each with an end at two agents who are to be found. */
export interface Stubs {
  readonly agents: number;
  readonly looks: number;
  /** Two for each conversation, one behind the other. */
  readonly count: number;
  /** How many rows a conversation has of each interval between looks: `looks` numbers each. */
  readonly weights: Float64Array;
  /** How many rows each agent has of each interval: `looks` numbers each. */
  readonly totals: Float64Array;
  /** An agent for each end to begin with, as often as it has conversations; `null` where nobody knows. */
  readonly ends: Uint32Array | null;
}

/**
 * Both directions of a conversation grow alike, since each message makes a receipt: mailboxes that grew alike are two of
 * one conversation. Which of several such makes no difference to any sum.
 * @param before earlier looks, the earliest first
 */
export function stubsOf({ last, degrees }: SumClues, before: readonly Weighed[]): Stubs {
  const looks = [...before, last];
  const agents = last.rows.values.length;
  const growths = [...last.boxes.keys()]
    .map((box) => growthOf(looks.map(({ boxes }) => boxes.get(box) ?? 0)))
    .toSorted(inOrder);
  const conversations = Math.floor(growths.length / 2);
  const weights = Float64Array.from(
    growths.slice(0, 2 * conversations).flatMap((growth, box) => meanOf(growth, growths[box ^ 1] ?? growth)),
  );
  const totals = Float64Array.from(
    Array.from({ length: agents }, (_, agent) => growthOf(looks.map(({ rows }) => rows.at(agent)))).flat(),
  );
  const count = 2 * conversations;
  return {
    agents,
    looks: looks.length,
    count,
    weights,
    totals,
    ends: degrees && endsOf(degrees.values, count),
  };
}

function growthOf(sizes: readonly number[]): readonly number[] {
  return sizes.map((size, look) => size - (sizes[look - 1] ?? 0));
}

function inOrder(one: readonly number[], other: readonly number[]): number {
  for (const [at, value] of one.entries()) {
    const difference = value - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function meanOf(one: readonly number[], other: readonly number[]): readonly number[] {
  return one.map((value, at) => (value + (other[at] ?? 0)) / 2);
}

/** Each agent as often as it has conversations; where that is not as many as there are ends, some once more or less. */
function endsOf(degrees: Float64Array, count: number): Uint32Array {
  const ends = [...degrees].flatMap((degree, agent) => Array.from({ length: degree }, () => agent));
  const few = ends.length;
  return Uint32Array.from({ length: count }, (_, end) => ends[end % Math.max(1, few)] ?? 0);
}
