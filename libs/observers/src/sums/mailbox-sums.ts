import { type Attempt, brokenByVolumes } from '../inference/attempt.js';
import { SeededRandom } from '../seeded-random.js';
import { sampledPairs } from './annealing.js';
import { stubsOf } from './stubs.js';
import { type SumClues, type Weighed } from './sum-clues.js';

const RUNS = 24;
const MOST_SWEEPS = 1200;
/** Some seconds. */
const MOST_MOVES = 8_000_000;
/** With fewer, an annealing has hardly begun. */
const FEWEST_SWEEPS = 20;

/**
 * Who is with whom where no row says which conversation it is of: mailboxes, whosever they are, have as many rows as the
 * agents at either end of them, so that each agent's mailboxes add up to its rows.
 * @param before earlier looks at the same mailboxes and rows, the earliest first: then they add up in each interval
 * @returns how often two agents are the ends of a mailbox, over some assignments that fit
 */
export function mailboxSums(clues: SumClues, before: readonly Weighed[] = []): Attempt {
  const stubs = stubsOf(clues, before);
  const sweeps = Math.min(MOST_SWEEPS, Math.floor(MOST_MOVES / (RUNS * Math.max(1, stubs.count))));
  if (sweeps < FEWEST_SWEEPS) {
    return { notAttempted: `${stubs.count} mailboxes would take more than ${MOST_MOVES} moves` };
  }
  const pairs = sampledPairs(stubs, { runs: RUNS, sweeps }, new SeededRandom(stubs.count));
  const most = pairs.values.reduce((highest, value) => Math.max(highest, value), 1);
  pairs.values.set(pairs.values.map((value) => value / most));
  return { scores: brokenByVolumes(pairs, clues.last.rows) };
}
