import { type Findings, type Glimpse, type PairTable, examine, messagesBetween } from '@musubi/observers';
import { type AttackReport, type Edge, type ObserverReport, type TimingReport } from '../report/report.js';
import { type Simulation } from '../run/simulation.js';
import { type Workload, sendsOf } from '../workloads/workload.js';
import { type Reading, type Verdict, readingOf, rowAttacks, timingAttacks, verdictOf } from './attacks.js';
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
  private readonly glimpses = new Map<string, Glimpse[]>();

  constructor(private readonly options: ExposureOptions) {}

  /** Has every party look at what there is by now. */
  async glimpse(soFar: Simulation): Promise<void> {
    for await (const view of viewsOf(soFar, this.options, [])) this.note(soFar, view);
  }

  /** The reports of a simulation that is over. */
  async reports(simulation: Simulation): Promise<readonly ObserverReport[]> {
    const reports: ObserverReport[] = [];
    for await (const view of viewsOf(simulation, this.options, simulation.texts)) {
      this.note(simulation, view);
      reports.push(this.reportOf(view, simulation.texts.length));
    }
    return reports;
  }

  private note({ sent }: Simulation, { findings: { observer }, verdict: { scores } }: View): void {
    const known = this.glimpses.get(observer) ?? [];
    this.glimpses.set(observer, [...known, { messages: sent.length, scores }]);
  }

  private reportOf({ findings, readings, verdict }: View, planted: number): ObserverReport {
    const { observer, rows, content, evidence } = findings;
    const { truth } = this.options;
    const clocks = readings.map((reading) => {
      const attacks = timingAttacks(reading).map((attack) => areaOf(attack, this.options));
      return { timing: timingOf(reading, attacks), attacks };
    });
    const ofRows = rowAttacks(findings).map((attack) => areaOf(attack, this.options));
    return {
      observer,
      rows,
      canariesPlanted: planted,
      canariesFound: content.canaries.length,
      guessesConfirmed: content.guesses.length,
      bodyBytes: content.bodyBytes,
      fields: Object.keys(content.fields).toSorted(),
      witnesses: evidence.witnesses.map(({ kind, fields, times }) => ({ kind, fields, times })),
      timing: clocks.map(({ timing }) => timing),
      strongestClock: strongestOf(clocks.map(({ timing }) => timing)),
      attacks: [...ofRows, ...clocks.flatMap(({ attacks }) => attacks)],
      graph: gradeOf(verdict, this.options),
      untilRankOne: rankOneOf(this.glimpses.get(observer) ?? [], truth),
      inferred: strongest(verdict.scores, edgesOf(truth).length),
    };
  }
}

/** What a party found, and what it makes of it. */
interface View {
  readonly findings: Findings;
  /** By each of its clocks. */
  readonly readings: readonly Reading[];
  readonly verdict: Verdict;
}

async function* viewsOf(
  simulation: Simulation,
  options: ExposureOptions,
  texts: readonly string[],
): AsyncGenerator<View> {
  const known = new Map<string, readonly Reading[]>();
  const agents = simulation.node.agents.slice(0, options.truth.agents);
  const guesses = texts.map((text) => ({ text }));
  const addresses = addressesOf(simulation, agents);
  for (const { observer, since, clocks, includes = '' } of await partiesOf(simulation, options)) {
    const findings = await examine(observer, { agents, since, addresses, canaries: texts, guesses });
    const readings = clocks.map((clock) => readingOf(findings, clock));
    known.set(observer.name, readings);
    const verdict = verdictOf(findings, [...readings, ...(known.get(includes) ?? [])]);
    yield { findings, readings, verdict };
  }
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
