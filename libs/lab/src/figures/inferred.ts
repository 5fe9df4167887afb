import {
  type Attempt,
  type Findings,
  type Look,
  type OwnedTable,
  type Seen,
  Tally,
  bracketedRowsByDay,
  groupSizesOf,
  groupingsOf,
  lesserVolume,
  mailboxColumn,
  mailboxSums,
  mirroredConversations,
  requestsAtEitherEnd,
  rowSums,
  rowsByDay,
  sampledSums,
  sumCluesOf,
  togetherScores,
  weighedLike,
} from '@musubi/observers';
import { type NotAttempted } from '../report/report.js';
import { type Attack } from './attacks.js';

/** What attacks made of every pair, and which were too much. */
export interface Attempted {
  readonly attacks: readonly Attack[];
  readonly notAttempted: readonly NotAttempted[];
}

export const NOTHING_ATTEMPTED: Attempted = { attacks: [], notAttempted: [] };

type Try = readonly [attack: string, attempt: () => Attempt | undefined];

/** Columns in which rows are equal, which is all that earlier looks are compared by. */
export function lookOf({ owned, unnamed }: Findings): Look {
  return { owned: owned.map(onlyRepeated), unnamed };
}

function onlyRepeated(table: OwnedTable): OwnedTable {
  const columns = table.columns.filter(({ kind, values }) => {
    return (kind === 'id' || kind === 'integer') && new Set(values).size < values.length;
  });
  return { ...table, columns };
}

/**
 * Attacks that put together what no row says: conversations that mirror one another, mailboxes that add up, days on
 * which agents' rows add up, and who was asked for contact on the same days.
 * @param before what the party read at earlier looks, the earliest first: the same attacks on what came in between
 */
export function inferredAttacks(findings: Findings, before: readonly Look[] = []): Attempted {
  const once = attemptsAt(findings, []);
  const tries =
    before.length === 0 ? once : [...once, ...attemptsAt(findings, before).map(named(before.length))];
  return attempted([...tries, ...sampledByDay(findings), ...byDay(findings)]);
}

function named(snapshots: number): (attempt: Try) => Try {
  return ([attack, attempt]) => [`${attack}, ${snapshots} snapshots`, attempt];
}

/** What a party takes for the graph where no row says it, the best first: of one look, since others may have no more. */
const PREFERRED = [
  'mirrored-conversations',
  'mailbox-sums',
  'bracketed-sums-by-day',
  'sampled-sums-by-day',
  'row-sums-by-day',
  'requests-by-day',
  'requests-at-either-end',
];

export function preferredOf({ attacks }: Attempted): Attack | undefined {
  return PREFERRED.flatMap((name) => attacks.find(({ attack }) => attack === name) ?? [])[0];
}

/**
 * The same, when nothing but that is asked for. Sums are scaled and not sampled: at each glimpse all strangers would
 * sample for half a second each.
 */
export function firstInferred(findings: Findings): Attack | undefined {
  const tries = [...attemptsAt(findings, []), ...byDay(findings)];
  for (const name of PREFERRED) {
    const found = preferredOf(attempted(tries.filter(([attack]) => attack === name)));
    if (found !== undefined) return found;
  }
  return undefined;
}

function attemptsAt(findings: Findings, before: readonly Look[]): readonly Try[] {
  const mirrored = (by: 'sizes' | 'rows'): Attempt | undefined => {
    const [grouping] = groupingsOf(findings.owned);
    if (grouping === undefined) return undefined;
    const sizes = before.map(({ owned }) => groupSizesOf(owned, grouping.field));
    return mirroredConversations(grouping, { agents: agentsIn(findings), by, before: sizes });
  };
  const sums = (): Attempt | undefined => {
    const clues = sumCluesOf(findings, agentsIn(findings));
    return (
      clues &&
      mailboxSums(
        clues,
        before.map((look) => weighedLike(clues, look)),
      )
    );
  };
  return [
    ['mirrored-sizes', () => mirrored('sizes')],
    ['mirrored-conversations', () => mirrored('rows')],
    ['mailbox-sums', sums],
  ];
}

function sampledByDay({ owned, volumes }: Findings): readonly Try[] {
  const agents = volumes.values.length;
  const bracketed = bracketedRowsByDay(owned);
  return [
    ['bracketed-volume', () => volumesOf(agents, bracketed)],
    ['bracketed-sums-by-day', () => sampledSums(agents, bracketed)],
    ['sampled-sums-by-day', () => sampledSums(agents, rowsByDay(owned, agents))],
  ];
}

function volumesOf(agents: number, seen: readonly Seen[]): Attempt {
  const volumes = new Tally(agents);
  for (const { agent } of seen) volumes.add(agent, 1);
  return { scores: lesserVolume(volumes) };
}

function byDay(findings: Findings): readonly Try[] {
  const agents = agentsIn(findings);
  return [
    ['row-sums-by-day', () => rowSums(agents, rowsByDay(findings.owned, agents))],
    ['requests-by-day', () => requestsByDay(findings)],
    [
      'requests-at-either-end',
      () => requestsAtEitherEnd(agents, mailboxColumn(findings.unnamed)?.requests ?? []),
    ],
  ];
}

/** With one day for all, requests say who is asked often, and `volume` says that already. */
function requestsByDay(findings: Findings): Attempt | undefined {
  const requests = mailboxColumn(findings.unnamed)?.requests ?? [];
  if (new Set(requests.map(({ period }) => period)).size < 2) return undefined;
  const seen = requests.map(({ agent, period }) => ({ agent, interval: period }));
  return { scores: togetherScores(agentsIn(findings), seen) };
}

function agentsIn({ volumes }: Findings): number {
  return volumes.values.length;
}

/** Those of the attempts that had something to go by. */
export function attempted(tries: readonly Try[]): Attempted {
  const [attacks, notAttempted]: [Attack[], NotAttempted[]] = [[], []];
  for (const [attack, attempt] of tries) {
    const made = attempt();
    if (made === undefined) continue;
    if ('notAttempted' in made) notAttempted.push({ attack, reason: made.notAttempted });
    else if (made.scores.values.some((score) => score !== 0)) attacks.push({ attack, scores: made.scores });
  }
  return { attacks, notAttempted };
}
