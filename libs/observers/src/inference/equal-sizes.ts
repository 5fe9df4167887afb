import { PairTable } from '../pairs/pair-table.js';
import { type TimeOf } from './activity.js';
import { Tally } from './tally.js';

/** Whose row it is, and when it was written, where that is known. */
export interface SizedRow {
  readonly agent: number;
  readonly at: number | undefined;
}

/** The rows of one field that are equally long. */
export interface SizeClass {
  /** What being of this class tells: −log₂ of the share of the field's rows that are (Shannon 1948). */
  readonly bits: number;
  readonly rows: readonly SizedRow[];
}

export interface Sizes {
  readonly agents: number;
  readonly classes: readonly SizeClass[];
}

/** The same rows by another clock. A row that it does not know is one without a time. */
export function retimedSizes({ agents, classes }: Sizes, timeOf: TimeOf): Sizes {
  const shown = ({ agent, at }: SizedRow): SizedRow => ({
    agent,
    at: at === undefined ? undefined : timeOf(at),
  });
  return { agents, classes: classes.map(({ bits, rows }) => ({ bits, rows: rows.map(shown) })) };
}

/**
 * Pairs by lengths that few have, at most √n of n agents (what more have, says who writes much), whenever: an author's row and its recipient's are equally long. Each row of the one
 * that the other has a match for counts the bits of their class, shared among the others who have one too: a
 * weight by rarity, as that of Narayanan & Shmatikov, "Robust De-anonymization of Large Sparse Datasets", S&P 2008.
 * @returns symmetric: bits; 0 for all pairs where each field has one length
 */
export function rareSizes({ agents, classes }: Sizes): PairTable {
  const scores = new PairTable(agents);
  const few = Math.max(2, Math.floor(Math.sqrt(agents)));
  for (const { bits, rows } of classes) {
    const counts = new Tally(agents);
    for (const { agent } of rows) counts.add(agent, 1);
    const having = [...new Set(rows.map(({ agent }) => agent))];
    if (having.length > few) continue;
    eachPair(having, (a, b) => {
      scores.add(a, b, (bits * Math.min(counts.at(a), counts.at(b))) / (having.length - 1));
    });
  }
  return scores;
}

function eachPair(agents: readonly number[], tell: (a: number, b: number) => void): void {
  for (const a of agents) for (const b of agents) if (a !== b) tell(a, b);
}

/**
 * Pairs by who writes a row just as long soon after the other's: of the rows of one class, in order of time, each two
 * that follow one another within the window and are of two agents count the bits of their class.
 * @param window W, in the units of the rows' times
 * @returns symmetric: bits; 0 for all pairs where each field has one length
 */
export function equalSizesSoonAfter({ agents, classes }: Sizes, window: number): PairTable {
  const scores = new PairTable(agents);
  for (const { bits, rows } of classes) {
    if (bits === 0) continue;
    const timed = rows.flatMap(({ agent, at }) => (at === undefined ? [] : [{ agent, at }]));
    timed.sort((one, other) => one.at - other.at);
    timed.forEach(({ agent, at }, index) => {
      const next = timed[index + 1];
      if (next === undefined || next.agent === agent || next.at - at > window) return;
      scores.add(agent, next.agent, bits);
      scores.add(next.agent, agent, bits);
    });
  }
  return scores;
}
