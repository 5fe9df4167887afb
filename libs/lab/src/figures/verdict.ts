import {
  type Findings,
  PairTable,
  type Tally,
  evidenceBefore,
  evidenceFirst,
  lesserVolume,
  proportional,
  softmax,
  timingScores,
} from '@musubi/observers';
import { type Timeline, isEmpty } from './attacks.js';

/** What a party takes for the graph, all that it knows taken together. */
export interface Verdict {
  readonly scores: PairTable;
  /** What its probabilities are of: counts of what told of pairs, or where there is none, z-scores. */
  readonly believed: PairTable;
  readonly posterior: keyof typeof POSTERIORS;
}

/** What a party found, times aside. */
type Clues = Pick<Findings, 'evidence' | 'volumes'>;

export const POSTERIORS = { proportional, softmax } as const;

/** What a party knows that stands in no row. */
export interface Beyond {
  /** What it takes for the graph where no row says it. */
  readonly inferred?: PairTable | undefined;
  /** Which of the agents it is itself: its own rows tell all its peers. */
  readonly self?: number | undefined;
}

/**
 * Rows that tell of pairs come first. Below them, between pairs that rows say as much of, comes all that a party without
 * such rows goes by: so who reads more rows never ranks the pairs that they say nothing of worse.
 * @param timelines by each clock that the party has, at least one
 */
export function verdictOf(
  { evidence: { pairs }, volumes }: Clues,
  timelines: readonly Timeline[],
  { inferred, self }: Beyond = {},
): Verdict {
  const timing = combined(timelines.map(({ activity, clock }) => timingScores(activity, clock.window)));
  const below = withoutEvidence(inferred, timing, volumes);
  if (isEmpty(pairs)) return below;
  const scores = evidenceBefore(pairs, self === undefined ? below.scores : withoutSelf(below.scores, self));
  return { scores, believed: pairs, posterior: 'proportional' };
}

/** What can be inferred, with timing to decide; or timing; or how much there is of each agent. */
function withoutEvidence(inferred: PairTable | undefined, timing: PairTable, volumes: Tally): Verdict {
  if (isEmpty(timing)) return proportionalTo(inferred ?? lesserVolume(volumes));
  if (inferred === undefined) {
    const scores = evidenceFirst(new PairTable(timing.agents), timing);
    return { scores, believed: timing, posterior: 'softmax' };
  }
  return { scores: evidenceFirst(inferred, timing), believed: inferred, posterior: 'proportional' };
}

function withoutSelf(scores: PairTable, self: number): PairTable {
  const least = scores.values.reduce((lowest, score) => Math.min(lowest, score), 0);
  const others = new PairTable(scores.agents);
  others.values.set(
    scores.values.map((score, pair) => {
      const [from, to] = [Math.floor(pair / scores.agents), pair % scores.agents];
      return from === self || to === self ? least : score;
    }),
  );
  return others;
}

function proportionalTo(scores: PairTable): Verdict {
  return { scores, believed: scores, posterior: 'proportional' };
}

/** Z-scores of several clocks as one: their sum, over the root of how many they are (Stouffer 1949). */
function combined(tables: readonly PairTable[]): PairTable {
  const [first, ...others] = tables.filter((table) => !isEmpty(table));
  if (first === undefined) return new PairTable(tables[0]?.agents ?? 0);
  const sum = new PairTable(first.agents);
  const root = Math.sqrt(1 + others.length);
  for (const { values } of [first, ...others]) {
    sum.values.set(sum.values.map((value, pair) => value + (values[pair] ?? 0) / root));
  }
  return sum;
}
