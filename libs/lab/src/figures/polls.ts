import {
  type Attempt,
  type Findings,
  PollingCrawler,
  type Seen,
  type TimeOf,
  activityOf,
  examine,
  mailboxColumn,
  requestsAndMailboxes,
  rowSums,
  rowsByOwnClock,
  sampledSums,
  togetherScores,
} from '@musubi/observers';
import { type Simulation } from '../simulation/simulation.js';
import { type Attempted, attempted } from './inferred.js';
import { addressesOf } from './parties.js';

const MINUTE = 60_000_000;

/** How often a crawler asks. */
interface Polls {
  readonly name: string;
  /** @param span from the first row to the last. µs */
  every(span: number): number;
}

/** The first asks at quarters of the time, three times and once more at the end. */
const POLLS: readonly Polls[] = [
  { name: 'polled 3 times', every: (span) => span / 4 },
  { name: 'polled every hour', every: () => 60 * MINUTE },
  { name: 'polled every 10 min', every: () => 10 * MINUTE },
  { name: 'polled every minute', every: () => MINUTE },
];

const ATTACKS = ['acts-together', 'row-sums', 'sampled-sums', 'requests-and-mailboxes'];

/** What a crawler finds that asks again and again, by when it saw things for the first time. */
export async function polledAttacks(simulation: Simulation, agentCount: number): Promise<Attempted> {
  const { node, since, commits } = simulation;
  const agents = node.agents.slice(0, agentCount);
  const addresses = addressesOf(simulation, agents);
  const findings = await examine(new PollingCrawler(node.db), {
    agents,
    addresses,
    since: since.transaction,
  });
  if (commits.unreadable !== null) return unknownTimes(commits.unreadable);
  const sightings = sightingsOf(findings);
  const at = timed(sightings, commits.timesOf(activityOf(agentCount, transactionsOf(sightings))));
  const span = Math.max(1, latestOf(at) - since.at);
  return attempted(
    POLLS.flatMap((polls) => {
      const { name } = polls;
      const interval = Math.max(1, polls.every(span));
      const polled = timed(at, (time) => Math.floor((time - since.at) / interval));
      return [
        [`acts-together, ${name}`, () => actsTogether(agentCount, polled)] as const,
        [`row-sums, ${name}`, () => rowSums(agentCount, polled.rows)] as const,
        [`sampled-sums, ${name}`, () => sampledSums(agentCount, polled.rows)] as const,
        [`requests-and-mailboxes, ${name}`, () => requestsTogether(agentCount, polled)] as const,
      ];
    }),
  );
}

function unknownTimes(why: string): Attempted {
  const notAttempted = POLLS.flatMap(({ name }) =>
    ATTACKS.map((attack) => {
      return { attack: `${attack}, ${name}`, reason: `when rows were published is not known: ${why}` };
    }),
  );
  return { attacks: [], notAttempted };
}

/** What was seen for the first time when. */
interface Sightings {
  readonly acts: readonly Seen[];
  readonly rows: readonly Seen[];
  readonly requests: readonly Seen[];
  readonly boxes: readonly (readonly number[])[];
}

function sightingsOf({ activity, owned, unnamed }: Findings): Sightings {
  const column = mailboxColumn(unnamed);
  const boxes = [...(column?.boxes.values() ?? [])];
  return {
    acts: [...activity.who].map((agent, act) => ({ agent, interval: activity.at[act] ?? 0 })),
    rows: rowsByOwnClock(owned, activity.agents),
    requests: (column?.requests ?? []).flatMap(({ agent, at }) =>
      at === undefined ? [] : [{ agent, interval: at }],
    ),
    boxes: boxes.map((times) => times.filter((at) => at !== undefined)),
  };
}

function transactionsOf({
  acts,
  rows,
  requests,
  boxes,
}: Sightings): readonly { agent: number; at: number }[] {
  const all = [...acts, ...rows, ...requests].map(({ interval }) => interval);
  return [...all, ...boxes.flat()].map((at) => ({ agent: 0, at }));
}

/** By another clock; without what it does not know. */
function timed({ acts, rows, requests, boxes }: Sightings, timeOf: TimeOf): Sightings {
  const shown = (seen: readonly Seen[]): readonly Seen[] =>
    seen.flatMap(({ agent, interval }) => {
      const time = timeOf(interval);
      return time === undefined ? [] : [{ agent, interval: time }];
    });
  const times = (box: readonly number[]): readonly number[] => box.flatMap((at) => timeOf(at) ?? []);
  return {
    acts: shown(acts),
    rows: shown(rows),
    requests: shown(requests),
    boxes: boxes.map(times),
  };
}

function latestOf(sightings: Sightings): number {
  return transactionsOf(sightings).reduce((latest, { at }) => Math.max(latest, at), 0);
}

function actsTogether(agents: number, { acts }: Sightings): Attempt | undefined {
  return acts.length === 0 ? undefined : { scores: togetherScores(agents, acts) };
}

function requestsTogether(agents: number, { requests, boxes }: Sightings): Attempt | undefined {
  return requests.length === 0 ? undefined : requestsAndMailboxes({ agents, requests, boxes });
}
