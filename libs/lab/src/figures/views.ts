import { type Findings, type Look, type PairTable, auc, examine, rankPairs } from '@musubi/observers';
import { type Simulation } from '../simulation/simulation.js';
import { type Attack, type Timeline, isEmpty, timelineOf } from './attacks.js';
import {
  type Attempted,
  NOTHING_ATTEMPTED,
  firstInferred,
  inferredAttacks,
  preferredOf,
} from './inferred.js';
import { type PartyContext, type Party, addressesOf, partiesOf } from './parties.js';
import { polledAttacks } from './polls.js';
import { type Verdict, verdictOf } from './verdict.js';

/** What a party, or one of a kind, found, and what it makes of it. */
export interface View {
  /** The same at each glimpse. */
  readonly id: string;
  readonly findings: Findings;
  /** By each of its clocks. */
  readonly timelines: readonly Timeline[];
  /** What no row says, and can be put together; nothing at a glimpse. */
  readonly inferred: Attempted;
  readonly verdict: Verdict;
}

/** What is asked of the parties at the end, and not at a glimpse. */
interface LastQuestions {
  /** Texts that were planted. */
  readonly texts: readonly string[];
  /** What the operator read earlier, the earliest first. */
  readonly looks: readonly Look[];
}

/** What a party knows besides what it reads itself. */
interface Known {
  readonly timelines: readonly Timeline[];
  readonly inferred: Attempted;
  readonly preferred: Attack | undefined;
}

const NOTHING_KNOWN: Known = { timelines: [], inferred: NOTHING_ATTEMPTED, preferred: undefined };

/** Party by party, the views of all that are of its kind. @param last `null` at a glimpse */
export async function* viewsOf(
  simulation: Simulation,
  context: PartyContext,
  last: LastQuestions | null,
): AsyncGenerator<readonly View[]> {
  const viewer = new Viewer(simulation, context, last);
  for (const party of await partiesOf(simulation, context)) yield await viewer.viewsOf(party);
}

class Viewer {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly simulation: Simulation,
    private readonly context: PartyContext,
    private readonly last: LastQuestions | null,
  ) {}

  async viewsOf(party: Party): Promise<readonly View[]> {
    const { name, observers, since, clocks, includes, self } = party;
    const { simulation, last } = this;
    const agents = simulation.node.agents.slice(0, this.context.truth.agents);
    const addresses = addressesOf(simulation, agents);
    const canaries = last?.texts ?? [];
    const questions = { agents, since, addresses, canaries, guesses: canaries.map((text) => ({ text })) };
    const views: View[] = [];
    for (const [nth, observer] of observers.entries()) {
      const findings = await examine(observer, questions);
      const timelines = clocks.map((clock) => timelineOf(findings, clock));
      const more = this.known.get(includes ?? '') ?? (await this.inferredBy(name, findings));
      const beyond = { inferred: more.preferred?.scores, self };
      const verdict = verdictOf(findings, [...timelines, ...more.timelines], beyond);
      views.push({ id: `${name} ${nth}`, findings, timelines, inferred: more.inferred, verdict });
      this.known.set(name, { ...more, timelines });
    }
    return views;
  }

  private async inferredBy(party: string, findings: Findings): Promise<Known> {
    const { simulation, context, last } = this;
    if (last === null) {
      const isNeeded = isEmpty(findings.evidence.pairs);
      return { ...NOTHING_KNOWN, preferred: isNeeded ? firstInferred(findings) : undefined };
    }
    const inferred = inferredAttacks(findings, party === 'operator' ? last.looks : []);
    const polled =
      party === 'crawler' ? await polledAttacks(simulation, context.truth.agents) : NOTHING_ATTEMPTED;
    return {
      timelines: [],
      preferred: preferredOf(inferred),
      inferred: {
        attacks: [...inferred.attacks, ...polled.attacks],
        notAttempted: [...inferred.notAttempted, ...polled.notAttempted],
      },
    };
  }
}

/** The view whose AUC is the median of all; of an even number, the lower of two. @throws RangeError without any */
export function middleOf(views: readonly View[], truth: PairTable): View {
  const rising = views
    .map((view) => ({ view, area: auc(rankPairs(view.verdict.scores, truth)) }))
    .toSorted((one, other) => one.area - other.area);
  const middle = rising[Math.ceil(rising.length / 2) - 1];
  if (middle === undefined) throw new RangeError('nobody looked');
  return middle.view;
}
