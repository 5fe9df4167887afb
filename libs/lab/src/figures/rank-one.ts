import { type Glimpse, type PairTable, messagesUntilRankOne } from '@musubi/observers';
import { type RankOneReport } from '../report/report.js';

/** How often the number of messages doubles between the first glimpse and the last. */
const DOUBLINGS = 4;

/** After how many events the parties look: from a sixteenth of all on, each time after twice as many as the last. */
export function glimpsesDue(events: number): ReadonlySet<number> {
  const due = Array.from({ length: DOUBLINGS }, (_, index) => Math.round(events / 2 ** (DOUBLINGS - index)));
  return new Set(due.filter((done) => done > 0));
}

export function rankOneOf(glimpses: readonly Glimpse[], truth: PairTable): RankOneReport {
  const both = truth.symmetrised();
  const agents = Array.from({ length: truth.agents }, (_, agent) => agent).filter((agent) =>
    both.othersOf(agent).some((messages) => messages > 0),
  ).length;
  const reached = messagesUntilRankOne(glimpses)
    .filter((messages) => messages !== null)
    .toSorted((a, b) => a - b);
  return {
    glimpses: glimpses.map(({ messages }) => messages),
    agents,
    reached: reached.length,
    // The median over all agents with a peer: the others take longer than the run.
    median: reached[Math.ceil(agents / 2) - 1] ?? null,
  };
}
