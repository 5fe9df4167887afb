import { Tally } from './tally.js';

/** Who acted when, in order of time. */
export interface Activity {
  readonly agents: number;
  /** Rising; any unit, the same everywhere. */
  readonly at: Float64Array;
  readonly who: Uint32Array;
}

export interface Act {
  readonly agent: number;
  readonly at: number;
}

/** Sorts acts by time; acts of one time keep the order they were given in. */
export function activityOf(agents: number, acts: readonly Act[]): Activity {
  const sorted = acts.toSorted((a, b) => a.at - b.at);
  return {
    agents,
    at: Float64Array.from(sorted, ({ at }) => at),
    who: Uint32Array.from(sorted, ({ agent }) => agent),
  };
}

/** An agent and how often it acted. */
export type Share = readonly [agent: number, count: number];

/** What went in and what came out within one window of time: a round of a mix, seen from outside. */
export interface Round {
  readonly senders: readonly Share[];
  readonly recipients: readonly Share[];
}

/** Cuts two streams into windows of one length, from the first act on. Windows in which nothing was sent are left out. */
export function roundsOf(sent: Activity, received: Activity, window: number): readonly Round[] {
  const start = Math.min(sent.at[0] ?? Infinity, received.at[0] ?? Infinity);
  const senders = byWindow(sent, start, window);
  const recipients = byWindow(received, start, window);
  return [...senders].map(([at, counts]) => ({
    senders: [...counts],
    recipients: [...(recipients.get(at) ?? [])],
  }));
}

function byWindow(
  { at, who }: Activity,
  start: number,
  window: number,
): ReadonlyMap<number, ReadonlyMap<number, number>> {
  const windows = new Map<number, Map<number, number>>();
  who.forEach((agent, index) => {
    const place = Math.floor(((at[index] ?? 0) - start) / window);
    const counts = windows.get(place) ?? new Map<number, number>();
    windows.set(place, counts);
    counts.set(agent, (counts.get(agent) ?? 0) + 1);
  });
  return windows;
}

/** How often each agent acted. */
export function volumesOf({ agents, who }: Activity): Tally {
  const volumes = new Tally(agents);
  for (const agent of who) volumes.add(agent, 1);
  return volumes;
}

export function countOf(shares: readonly Share[]): number {
  return shares.reduce((sum, [, count]) => sum + count, 0);
}

/** What another clock showed at a time of this one; `undefined` where it showed nothing. */
export type TimeOf = (at: number) => number | undefined;

/** The same acts by another clock, those left out of which it knows nothing. Acts of one time keep their order. */
export function retimed({ agents, at, who }: Activity, timeOf: TimeOf): Activity {
  const acts = [...who].flatMap((agent, index) => {
    const time = timeOf(at[index] ?? 0);
    return time === undefined ? [] : [{ agent, at: time }];
  });
  return activityOf(agents, acts);
}

/**
 * Places in the order of acts instead of their times, acts of one time at one place: for a clock that counts more than
 * what is looked at, as a server counts its transactions.
 */
export function placesOf({ at }: Activity): TimeOf {
  const places = new Map<number, number>();
  for (const time of at) if (!places.has(time)) places.set(time, places.size);
  return (time) => places.get(time);
}

/**
 * Rounds of acts that do not say what they are: a round begins with the first act after the one before and lasts for
 * the window; who begins it is taken for the sender, and everybody else in it for a recipient.
 */
export function exchangesOf({ at, who }: Activity, window: number): readonly Round[] {
  const rounds: { sender: number; others: Set<number> }[] = [];
  let end = -Infinity;
  who.forEach((agent, index) => {
    const time = at[index] ?? 0;
    const last = rounds.at(-1);
    if (last === undefined || time > end) {
      rounds.push({ sender: agent, others: new Set() });
      end = time + window;
    } else if (agent !== last.sender) last.others.add(agent);
  });
  return rounds.map(({ sender, others }) => ({
    senders: [[sender, 1]],
    recipients: [...others].map((agent) => [agent, 1] as const),
  }));
}
