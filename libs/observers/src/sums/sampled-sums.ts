import { type Attempt, brokenByVolumes } from '../inference/attempt.js';
import { Tally } from '../inference/tally.js';
import { PairTable } from '../pairs/pair-table.js';
import { type Seen, byInterval } from '../requests/together.js';
import { SeededRandom } from '../seeded-random.js';
import { GibbsSampler } from './gibbs-sampler.js';
import { Matching } from './matching.js';
import { TalkUrn } from './talk-urn.js';

/** How often sampling begins anew, from other messages: one run may get stuck where nothing fits well. */
const RUNS = 12;
/** Sweeps of a run until the sums and the urn are all that counts, and then sweeps of which each is looked at. */
const [WARMING, SAMPLES] = [400, 100];
/** With fewer, the first messages, which are drawn at random, have hardly changed. */
const FEWEST_SWEEPS = 25;
/** Some seconds. */
const MOST_MOVES = 8_000_000;
/** Of eight bytes each. */
const MOST_PLACES = 8_000_000;

/** The agents of an interval, and how many rows each has. */
interface Interval {
  readonly agents: readonly number[];
  readonly rows: readonly number[];
}

/**
 * Who is with whom where a message makes as many rows at the one agent as at the other, as for `rowSums`. Here whole
 * messages are sampled that add up to each agent's rows in each interval: the fewer pairs they are of, the likelier
 * (`TalkUrn`). Scaling spreads rows over all pairs that can have them; samples agree on pairs that have to.
 * @returns the share of samples in which two agents have messages; `undefined` with fewer than two intervals, or where
 * all agents have the same rows in each
 */
export function sampledSums(agents: number, seen: readonly Seen[]): Attempt | undefined {
  const intervals = [...byInterval(seen).values()].map(intervalOf).filter((one) => one.agents.length > 1);
  if (intervals.length < 2 || !intervals.some((interval) => tellsApart(interval, agents))) return undefined;
  const messages = Math.ceil(seen.length / 2) + intervals.length;
  const sweeps = Math.min(WARMING + SAMPLES, Math.floor(MOST_MOVES / (RUNS * messages)));
  if (sweeps < FEWEST_SWEEPS) {
    return { notAttempted: `${messages} messages would take more than ${MOST_MOVES} moves` };
  }
  const places = intervals.reduce((sum, { agents: some }) => sum + some.length ** 2, agents ** 2);
  if (places > MOST_PLACES) {
    return { notAttempted: `${places} pairs in intervals are more than ${MOST_PLACES}` };
  }
  const scores = sharesOfSamples({ agents, intervals, messages }, sweeps);
  return { scores: brokenByVolumes(scores, volumesOf(agents, seen)) };
}

function intervalOf(counts: ReadonlyMap<number, number>): Interval {
  return { agents: [...counts.keys()], rows: [...counts.values()] };
}

/** Whether somebody has rows when somebody else has none, or more of them. */
function tellsApart({ agents: some, rows }: Interval, agents: number): boolean {
  return some.length < agents || rows.some((count) => count !== rows[0]);
}

function volumesOf(agents: number, seen: readonly Seen[]): Tally {
  const volumes = new Tally(agents);
  for (const { agent } of seen) volumes.add(agent, 1);
  return volumes;
}

interface Sums {
  readonly agents: number;
  readonly intervals: readonly Interval[];
  /** At most. */
  readonly messages: number;
}

function sharesOfSamples(sums: Sums, sweeps: number): PairTable {
  const { agents, intervals, messages } = sums;
  const warming = Math.floor((sweeps * WARMING) / (WARMING + SAMPLES));
  const share = 1 / (RUNS * (sweeps - warming));
  const random = new SeededRandom(messages);
  const scores = new PairTable(agents);
  for (let run = 0; run < RUNS; run += 1) {
    const matchings = intervals.map((interval) => matchingOf(interval, agents, random));
    const urn = new TalkUrn(agents, intervals.length, messages);
    const sampler = new GibbsSampler(matchings, urn, random);
    for (let sweep = 1; sweep <= sweeps; sweep += 1) {
      sampler.sweep(Math.min(1, sweep / warming));
      if (sweep > warming) addTalking(scores, urn, share);
    }
  }
  return scores;
}

/** With a row of nobody's where there is an odd one. */
function matchingOf({ agents, rows }: Interval, nobody: number, random: SeededRandom): Matching {
  const all = rows.reduce((sum, count) => sum + count, 0);
  if (all % 2 === 0) return new Matching(agents, rows, random);
  return new Matching([...agents, nobody], [...rows, 1], random);
}

function addTalking(scores: PairTable, urn: TalkUrn, by: number): void {
  for (let a = 0; a < scores.agents; a += 1) {
    for (let b = a + 1; b < scores.agents; b += 1) {
      if (urn.timesOf(a, b) === 0) continue;
      scores.add(a, b, by);
      scores.add(b, a, by);
    }
  }
}
