import { Tally } from '../inference/tally.js';
import { brokenByVolumes } from '../inference/attempt.js';
import { PairTable } from '../pairs/pair-table.js';

/** Something of an agent, and in which interval it was seen: which day, or at which of a crawler's polls. */
export interface Seen {
  readonly agent: number;
  readonly interval: number;
}

/**
 * Who is seen in the same intervals as whom: Σ k_x·k_y / (K − 1) over intervals, k of an agent and K of all. Were two of
 * the K drawn at random, one after the other, that is how often they would be these two, but for a constant factor.
 * So few at once say much, and all at once say who is seen often.
 */
export function togetherScores(agents: number, seen: Iterable<Seen>): PairTable {
  const scores = new PairTable(agents);
  const volumes = new Tally(agents);
  for (const counts of byInterval(seen).values()) {
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    for (const [a, ofA] of counts) {
      volumes.add(a, ofA);
      for (const [b, ofB] of counts) if (a !== b) scores.add(a, b, (ofA * ofB) / (all - 1));
    }
  }
  return brokenByVolumes(scores, volumes);
}

/** How often each agent was seen, interval by interval; intervals and agents in order. */
export function byInterval(seen: Iterable<Seen>): ReadonlyMap<number, ReadonlyMap<number, number>> {
  const intervals = new Map<number, Map<number, number>>();
  for (const { agent, interval } of seen) {
    const counts = intervals.get(interval) ?? new Map<number, number>();
    intervals.set(interval, counts);
    counts.set(agent, (counts.get(agent) ?? 0) + 1);
  }
  return new Map(
    [...intervals]
      .toSorted(([one], [other]) => one - other)
      .map(([interval, counts]) => [interval, new Map([...counts].sort(([one], [other]) => one - other))]),
  );
}
