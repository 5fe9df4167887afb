import { type SparsePairs } from './sinkhorn.js';

/** A group by what is compared first: its owner, and how many rows came to it from one look to the next. */
export interface SizedGroup {
  readonly owner: number;
  /** Interval by interval; one where there was one look. */
  readonly counts: readonly number[];
}

/** What each row that one side has and the other has not weighs against being two sides of one conversation. */
const LOG_PER_ROW_APART = Math.log(0.02);
const MOST_APART = 2;

/**
 * Groups of two owners that are about as large, interval by interval. Groups are walked in order of size, so that only
 * such pairs are looked at.
 * @param most how many pairs there may be
 * @returns `null` when there are more
 */
export function candidatesOf(groups: readonly SizedGroup[], most: number): SparsePairs | null {
  const sizes = groups.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0));
  const size = (group: number): number => sizes[group] ?? 0;
  const order = [...groups.keys()].toSorted((a, b) => size(a) - size(b) || a - b);
  const [first, second, logs]: [number[], number[], number[]] = [[], [], []];
  for (const [place, a] of order.entries()) {
    for (let next = place + 1; next < order.length; next += 1) {
      const b = order[next] ?? 0;
      if (size(b) - size(a) > MOST_APART) break;
      const apart = apartOf(groups[a], groups[b]);
      if (apart > MOST_APART) continue;
      if (logs.length === most) return null;
      first.push(a);
      second.push(b);
      logs.push(apart * LOG_PER_ROW_APART);
    }
  }
  return {
    size: groups.length,
    first: Uint32Array.from(first),
    second: Uint32Array.from(second),
    logs: Float64Array.from(logs),
  };
}

/** Rows that one has in some interval and the other has not; infinitely many for groups of one owner. */
function apartOf(one: SizedGroup | undefined, other: SizedGroup | undefined): number {
  if (one === undefined || other === undefined || one.owner === other.owner) return Infinity;
  return one.counts.reduce((sum, count, at) => sum + Math.abs(count - (other.counts[at] ?? 0)), 0);
}
