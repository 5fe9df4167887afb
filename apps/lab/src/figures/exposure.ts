import {
  type Content,
  type Findings,
  type Glimpse,
  type PairTable,
  auc,
  examine,
  messagesBetween,
  peerRanks,
  rankPairs,
} from '@musubi/observers';
import { type AttackReport, type Edge, type ObserverReport, type TimingReport } from '../report/report.js';
import { type Simulation } from '../run/simulation.js';
import { type Workload, sendsOf } from '../workloads/workload.js';
import {
  type Attack,
  type Reading,
  type Verdict,
  attackByAttack,
  readingOf,
  rowAttacks,
  timingAttacks,
  verdictOf,
} from './attacks.js';
import { type Judging, areaOf, gradeOf } from './grade.js';
import { addressesOf, partiesOf } from './parties.js';
import { rankOneOf } from './rank-one.js';

/**
 * Who was with whom: messages by pair. Where everybody wrote to everybody there would be nothing to tell apart: then the
 * stranger, who wrote to nobody, is one of those among whom the pairs are sought.
 */
export function truthOf(workload: Workload): PairTable {
  const { agents } = workload;
  const truth = messagesBetween(agents, sendsOf(workload));
  const isComplete = edgesOf(truth).length === (agents * (agents - 1)) / 2;
  return isComplete ? messagesBetween(agents + 1, sendsOf(workload)) : truth;
}

export interface ExposureOptions extends Judging {
  readonly redundancy: number;
}

/** What each party can read and infer of a simulation, looked at while it goes on and when it is over. */
export class Exposure {
  /** By view. */
  private readonly glimpses = new Map<string, readonly Glimpse[]>();

  constructor(private readonly options: ExposureOptions) {}

  /** Has every party look at what there is by now. */
  async glimpse(soFar: Simulation): Promise<void> {
    for await (const views of viewsOf(soFar, this.options, [])) this.note(soFar, views);
  }

  /** The reports of a simulation that is over. */
  async reports(simulation: Simulation): Promise<readonly ObserverReport[]> {
    const reports: ObserverReport[] = [];
    for await (const views of viewsOf(simulation, this.options, simulation.texts)) {
      this.note(simulation, views);
      reports.push(this.reportOf(views, simulation.texts.length));
    }
    return reports;
  }

  private note({ sent }: Simulation, views: readonly View[]): void {
    for (const { id, verdict } of views) {
      const glimpse = { messages: sent.length, ranks: peerRanks(verdict.scores, this.options.truth) };
      this.glimpses.set(id, [...(this.glimpses.get(id) ?? []), glimpse]);
    }
  }

  /** Areas and grades are of all views; what cannot be averaged is what the one in the middle has. */
  private reportOf(views: readonly View[], planted: number): ObserverReport {
    const { truth } = this.options;
    const { id, findings, readings, verdict } = middleOf(views, truth);
    const { observer, rows, content, evidence } = findings;
    const clocks = readings.map((reading) => {
      const attacks = this.areasOf(views.map((view) => attacksBy(view, reading)));
      return { timing: timingOf(reading, attacks), attacks };
    });
    const ofRows = this.areasOf(views.map((view) => rowAttacks(view.findings)));
    return {
      observer,
      parties: views.length,
      rows,
      canariesPlanted: planted,
      canariesFound: most(views, ({ canaries }) => canaries.length),
      guessesConfirmed: most(views, ({ guesses }) => guesses.length),
      bodyBytes: content.bodyBytes,
      fields: Object.keys(content.fields).toSorted(),
      witnesses: evidence.witnesses.map(({ kind, fields, times }) => ({ kind, fields, times })),
      timing: clocks.map(({ timing }) => timing),
      strongestClock: strongestOf(clocks.map(({ timing }) => timing)),
      attacks: [...ofRows, ...clocks.flatMap(({ attacks }) => attacks)],
      graph: gradeOf(
        views.map((view) => view.verdict),
        this.options,
      ),
      untilRankOne: rankOneOf(this.glimpses.get(id) ?? [], truth),
      inferred: strongest(verdict.scores, edgesOf(truth).length),
    };
  }

  private areasOf(ofEach: readonly (readonly Attack[])[]): readonly AttackReport[] {
    return attackByAttack(ofEach, this.options.truth.agents).map((attack) => areaOf(attack, this.options));
  }
}

/** What a party, or one of a kind, found, and what it makes of it. */
interface View {
  /** The same at each glimpse. */
  readonly id: string;
  readonly findings: Findings;
  /** By each of its clocks. */
  readonly readings: readonly Reading[];
  readonly verdict: Verdict;
}

/** Party by party, the views of all that are of its kind. */
async function* viewsOf(
  simulation: Simulation,
  options: ExposureOptions,
  texts: readonly string[],
): AsyncGenerator<readonly View[]> {
  const known = new Map<string, readonly Reading[]>();
  const agents = simulation.node.agents.slice(0, options.truth.agents);
  const guesses = texts.map((text) => ({ text }));
  const addresses = addressesOf(simulation, agents);
  for (const { name, observers, since, clocks, includes = '' } of await partiesOf(simulation, options)) {
    const views: View[] = [];
    for (const [nth, observer] of observers.entries()) {
      const findings = await examine(observer, { agents, since, addresses, canaries: texts, guesses });
      const readings = clocks.map((clock) => readingOf(findings, clock));
      const verdict = verdictOf(findings, [...readings, ...(known.get(includes) ?? [])]);
      views.push({ id: `${name} ${nth}`, findings, readings, verdict });
    }
    known.set(
      name,
      views.flatMap(({ readings }) => readings),
    );
    yield views;
  }
}

/** The view whose AUC is the median of all; of an even number, the lower of two. @throws RangeError without any */
function middleOf(views: readonly View[], truth: PairTable): View {
  const rising = views
    .map((view) => ({ view, area: auc(rankPairs(view.verdict.scores, truth)) }))
    .toSorted((one, other) => one.area - other.area);
  const middle = rising[Math.ceil(rising.length / 2) - 1];
  if (middle === undefined) throw new RangeError('nobody looked');
  return middle.view;
}

function attacksBy({ readings }: View, { clock: { unit } }: Reading): readonly Attack[] {
  return readings.filter(({ clock }) => clock.unit === unit).flatMap((reading) => timingAttacks(reading));
}

/** Of a count that nobody should have any of, the highest: the mean would hide the one that has. */
function most(views: readonly View[], count: (content: Content) => number): number {
  return Math.max(...views.map(({ findings }) => count(findings.content)));
}

function timingOf({ clock, activity, missing }: Reading, attacks: readonly AttackReport[]): TimingReport {
  const { unit, window, unreadable } = clock;
  const [strongest = null] = attacks.toSorted((one, other) => other.auc - one.auc);
  return { clock: unit, window, acts: activity.at.length, missing, unreadable, strongest };
}

/** The clock by which one attack finds most; of several, the first. */
function strongestOf(timings: readonly TimingReport[]): string | null {
  const areas = timings.map(({ strongest }) => strongest?.auc ?? -Infinity);
  const best = Math.max(...areas);
  return timings.find((_, index) => areas[index] === best && best >= 0)?.clock ?? null;
}

/** The pairs with messages, each with how many. */
export function edgesOf(table: PairTable): readonly Edge[] {
  return pairsOf(table).filter(([, , weight]) => weight > 0);
}

/** So many of the highest. Those that are level with one left out are left out, too: to name some of them is chance. */
function strongest(scores: PairTable, count: number): readonly Edge[] {
  const falling = pairsOf(scores).toSorted((one, other) => other[2] - one[2]);
  const leftOut = falling[count]?.[2];
  return falling.slice(0, count).filter(([, , score]) => score !== leftOut);
}

function pairsOf(table: PairTable): readonly Edge[] {
  const pairs: Edge[] = [];
  for (let a = 0; a < table.agents; a += 1) {
    for (let b = a + 1; b < table.agents; b += 1) pairs.push([a, b, table.at(a, b) + table.at(b, a)]);
  }
  return pairs;
}
