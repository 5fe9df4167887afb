import {
  type Content,
  type Glimpse,
  type Look,
  Operator,
  type PairTable,
  examine,
  messagesBetween,
  peerRanks,
} from '@musubi/observers';
import {
  type AttackReport,
  type Edge,
  type NotAttempted,
  type ObserverReport,
  type TimingReport,
} from '../report/report.js';
import { type Simulation } from '../simulation/simulation.js';
import { type Workload, sendsOf } from '../workloads/workload.js';
import { type Attack, type Timeline, attackByAttack, rowAttacks, timingAttacks } from './attacks.js';
import { type Judging, areaOf, gradeOf } from './grade.js';
import { lookOf } from './inferred.js';
import { addressesOf } from './parties.js';
import { rankOneOf } from './rank-one.js';
import { type View, middleOf, viewsOf } from './views.js';

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

interface ExposureOptions extends Judging {
  readonly redundancy: number;
}

/** What each party can read and infer of a simulation, looked at while it goes on and when it is over. */
export class Exposure {
  /** By view. */
  private readonly glimpses = new Map<string, readonly Glimpse[]>();
  /** What the operator read, the earliest first. */
  private readonly looks: Look[] = [];

  constructor(private readonly options: ExposureOptions) {}

  /** Has every party look at what there is by now. */
  async glimpse(soFar: Simulation): Promise<void> {
    for await (const views of viewsOf(soFar, this.options, null)) this.note(soFar, views);
  }

  /** Has the operator keep what it reads by now, to be compared with what it reads in the end. */
  async snapshot(soFar: Simulation): Promise<void> {
    const { node, since } = soFar;
    const agents = node.agents.slice(0, this.options.truth.agents);
    const addresses = addressesOf(soFar, agents);
    const findings = await examine(new Operator(node.db), { agents, addresses, since: since.at });
    this.looks.push(lookOf(findings));
  }

  /** The reports of a simulation that is over. */
  async reports(simulation: Simulation): Promise<readonly ObserverReport[]> {
    const reports: ObserverReport[] = [];
    const { texts } = simulation;
    for await (const views of viewsOf(simulation, this.options, { texts, looks: this.looks })) {
      this.note(simulation, views);
      reports.push(this.reportOf(views, texts.length));
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
    const { id, findings, timelines, verdict } = middleOf(views, truth);
    const { observer, rows, content, evidence } = findings;
    const clocks = timelines.map((timeline) => {
      const attacks = this.areasOf(views.map((view) => attacksBy(view, timeline)));
      return { timing: timingOf(timeline, attacks), attacks };
    });
    const ofRows = this.areasOf(
      views.map((view) => [...rowAttacks(view.findings), ...view.inferred.attacks]),
    );
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
      notAttempted: notAttemptedBy(views),
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

/** Each attack once, with the first reason of several. */
function notAttemptedBy(views: readonly View[]): readonly NotAttempted[] {
  const all = views.flatMap(({ inferred }) => inferred.notAttempted);
  return all.filter(({ attack }, at) => all.findIndex((one) => one.attack === attack) === at);
}

function attacksBy({ timelines }: View, { clock: { unit } }: Timeline): readonly Attack[] {
  return timelines.filter(({ clock }) => clock.unit === unit).flatMap((timeline) => timingAttacks(timeline));
}

/** Of a count that nobody should have any of, the highest: the mean would hide the one that has. */
function most(views: readonly View[], count: (content: Content) => number): number {
  return Math.max(...views.map(({ findings }) => count(findings.content)));
}

function timingOf({ clock, activity, missing }: Timeline, attacks: readonly AttackReport[]): TimingReport {
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
