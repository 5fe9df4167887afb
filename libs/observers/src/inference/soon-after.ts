import { PairTable } from '../pairs/pair-table.js';
import { type Activity, volumesOf } from './activity.js';

interface SoonAfterOptions {
  /** W: how soon is soon. */
  readonly window: number;
  /** T: how long the observer looked; from the first act to the last when absent. */
  readonly span?: number;
}

/**
 * How often the second agent acts within (0, W] after the first, once for each such pair of acts. Acts of one time
 * follow on one another in the order of the stream.
 */
export function soonAfterCounts({ agents, at, who }: Activity, window: number): PairTable {
  const counts = new PairTable(agents);
  for (let first = 0; first < who.length; first += 1) {
    const until = (at[first] ?? 0) + window;
    for (let next = first + 1; next < who.length && (at[next] ?? 0) <= until; next += 1) {
      counts.add(who[first] ?? 0, who[next] ?? 0, 1);
    }
  }
  return counts;
}

/** Of two acts at any times, a given one is the later in half of all cases, however wide the window. */
const BY_CHANCE = 0.5;

/**
 * Who answers whom: automatic receipts make the recipient act right after the sender (Martiny, Kaptchuk, Aviv, Roche &
 * Wustrow, "Improving Signal's Sealed Sender", NDSS 2021). z = (obs − exp) / √(exp + ½) with exp = n_a·n_b·W/T, what
 * independent agents of the same volumes would come to, but no more than half of n_a·n_b; the mean of both directions. It takes as
 * long as there are pairs of acts within W of one another, so W should hold tens of acts, not thousands.
 * @returns symmetric z-scores; 0 on the diagonal
 * @throws RangeError when no span is named and there is none
 */
export function soonAfterScores(activity: Activity, { window, span }: SoonAfterOptions): PairTable {
  const counts = soonAfterCounts(activity, window);
  const volumes = volumesOf(activity);
  const perAct = Math.min(window / (span ?? spanOf(activity)), BY_CHANCE);
  const scores = new PairTable(activity.agents);
  for (let a = 0; a < activity.agents; a += 1) {
    for (let b = 0; b < activity.agents; b += 1) {
      if (a === b) continue;
      const expected = volumes.at(a) * volumes.at(b) * perAct;
      scores.add(a, b, (counts.at(a, b) - expected) / Math.sqrt(expected + 0.5));
    }
  }
  return scores.symmetrised();
}

/** From the first act to the last. @throws RangeError when nothing happened in between */
function spanOf({ at }: Activity): number {
  const span = (at.at(-1) ?? 0) - (at[0] ?? 0);
  if (!(span > 0)) throw new RangeError('all acts are of one time, or there are none: name the span');
  return span;
}
