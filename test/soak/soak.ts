import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/until.js';
import { Churn } from './churn.js';
import { Fleet, type Member } from './fleet.js';
import { type Held, leaksOf, textOf } from './resources.js';
import { Talk, type Verdict, auditOf } from './talk.js';

interface SoakPlan {
  readonly nodes: number;
  readonly churnMs: number;
  /** So long they talk before the first look, so that links, connections and caches are there. */
  readonly warmUpMs: number;
  /** How long a node is away at most. */
  readonly longestAwayMs: number;
  /** Between two messages of one agent. */
  readonly pauseMs: number;
  readonly random: () => number;
  /** Ends it at once, with nothing left behind. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

interface SoakReport {
  readonly verdict: Verdict;
  readonly unanswered: number;
  readonly churned: Readonly<Record<string, number>>;
  readonly held: readonly string[];
  readonly leaks: readonly string[];
}

/** Calls that a dead peer leaves behind end within seconds, so that each soak sees their end. */
const ENVIRONMENT = { REMOTE_CALL_TIMEOUT_MS: '2000', LOG_LEVEL: 'error' } as const;
const NODES_A_HAND = 4;
/** A link that is given up, and a timer of a dial, are gone by then. */
const SETTLING_MS = 120_000;

/** Nodes talk while they are killed, stopped and cut off. Afterwards nothing is lost, and nothing is left over. */
export async function soak(plan: SoakPlan): Promise<SoakReport> {
  const { churnMs, longestAwayMs, nodes, pauseMs, random, say, signal, warmUpMs } = plan;
  say(`starting ${nodes} nodes`);
  const fleet = await Fleet.start(nodes, ENVIRONMENT);
  const { members } = fleet;
  const talk = new Talk(members, random);
  const churn = new Churn({ random, longestMs: longestAwayMs });
  try {
    talk.start(pauseMs);
    await sleep(warmUpMs, undefined, { signal });
    const before = await Promise.all(members.map((member) => member.held()));
    say(`churn begins after ${talk.acknowledged.length} messages`);
    churn.start(groupsOf(members));
    await Promise.race([sleep(churnMs, undefined, { signal }), churn.failed]);
    await churn.stop();
    say(
      `churn ends after ${talk.acknowledged.length} messages: ${JSON.stringify(Object.fromEntries(churn.counts))}`,
    );
    await talk.stop();
    const verdict = await settled(() => auditOf(members, talk), isWhole);
    say('everything was read back');
    const after = await settled(
      () => Promise.all(members.map((member) => member.held())),
      (held) => leaksIn(members, before, held).length === 0,
    );
    return {
      verdict,
      unanswered: talk.unanswered,
      churned: Object.fromEntries(churn.counts),
      held: members.map(({ name }, index) => textOf(name, ...pairAt(before, after, index))),
      leaks: leaksIn(members, before, after),
    };
  } finally {
    // A node that is just starting again is there only then.
    await Promise.allSettled([churn.stop(), talk.stop()]);
    await fleet.close();
  }
}

/** What must not be, in words. */
export function failuresOf({ leaks, verdict }: SoakReport): readonly string[] {
  const late = verdict.messages - verdict.delivered;
  return [...verdict.faults, ...(late === 0 ? [] : [`${late} messages were not delivered`]), ...leaks];
}

/** The first node lives through all of it: what it holds at the end has had the whole time to pile up. */
function groupsOf([, ...others]: readonly Member[]): readonly (readonly Member[])[] {
  const hands = Math.ceil(others.length / NODES_A_HAND);
  return Array.from({ length: hands }, (_, hand) => others.filter((_, index) => index % hands === hand));
}

const isWhole = ({ delivered, faults, messages }: Verdict): boolean =>
  faults.length === 0 && delivered === messages;

/** Looks until all is well, or for as long as that may take. @returns what it has seen last */
async function settled<Seen>(look: () => Promise<Seen>, isWell: (seen: Seen) => boolean): Promise<Seen> {
  let last = await look();
  await until(async () => {
    if (isWell(last)) return;
    await sleep(1000);
    last = await look();
    if (!isWell(last)) throw new Error('not yet');
  }, SETTLING_MS).catch(() => undefined);
  return last;
}

function leaksIn(
  members: readonly Member[],
  before: readonly Held[],
  after: readonly Held[],
): readonly string[] {
  return members.flatMap(({ name }, index) => leaksOf(name, ...pairAt(before, after, index)));
}

function pairAt(before: readonly Held[], after: readonly Held[], index: number): readonly [Held, Held] {
  const [first, second] = [before[index], after[index]];
  if (first === undefined || second === undefined) throw new RangeError('no such node');
  return [first, second];
}
