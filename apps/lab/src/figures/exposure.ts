import {
  Crawler,
  type Findings,
  type GraphFigures,
  type Observer,
  Operator,
  type PairTable,
  SeededRandom,
  ShareHolder,
  WholeDisk,
  Wiretap,
  examine,
  gradeScores,
  leakyControl,
  messagesBetween,
  pairScores,
  rankPairs,
  rocCurve,
  softmax,
  uniformControl,
  volumePrior,
  Tally,
} from '@musubi/observers';
import { type Simulation } from '../run/simulation.js';
import { type Controls, type Edge, type GraphReport, type ObserverReport } from '../report/report.js';
import { type Workload, sendsOf } from '../workloads/workload.js';

/** Who was with whom: messages by pair. */
export function truthOf(workload: Workload): PairTable {
  return messagesBetween(workload.agents, sendsOf(workload));
}

const ROC_POINTS = 100;

/** What each party can read and infer of a simulation that is over. */
export async function exposureOf(
  simulation: Simulation,
  truth: PairTable,
  options: { readonly seed: number; readonly redundancy: number },
): Promise<readonly ObserverReport[]> {
  const reports: ObserverReport[] = [];
  for (const { observer, window } of partiesOf(simulation, options.redundancy)) {
    const agents = simulation.node.agents.slice(0, truth.agents);
    const guesses = simulation.texts.map((text) => ({ text }));
    const findings = await examine(observer, { agents, canaries: simulation.texts, guesses });
    reports.push(
      reportOf(findings, {
        scores: pairScores(findings, window),
        truth,
        seed: options.seed,
        planted: simulation.texts.length,
      }),
    );
  }
  return reports;
}

interface Party {
  readonly observer: Observer;
  /** How soon after one another acts are taken to belong together, in the units of the observer's clock. */
  readonly window: number;
}

/** A second: receipts that are made at once follow their message within it. */
const SOON_US = 1_000_000;
/** An act of sending is three transactions. */
const SOON_TRANSACTIONS = 3;

function partiesOf({ node, stranger, calls }: Simulation, redundancy: number): readonly Party[] {
  const { db, agents } = node;
  return [
    { observer: new ShareHolder(db, { agent: node.agent(stranger), agents, redundancy }), window: SOON_US },
    { observer: new Crawler(db), window: SOON_US },
    { observer: new Wiretap(calls), window: SOON_US },
    { observer: new Operator(db), window: SOON_US },
    { observer: new WholeDisk(db), window: SOON_TRANSACTIONS },
  ];
}

interface Judged {
  readonly scores: PairTable;
  readonly truth: PairTable;
  readonly seed: number;
  readonly planted: number;
}

function reportOf({ observer, rows, content, evidence }: Findings, judged: Judged): ObserverReport {
  return {
    observer,
    rows,
    canariesPlanted: judged.planted,
    canariesFound: content.canaries.length,
    guessesConfirmed: content.guesses.length,
    bodyBytes: content.bodyBytes,
    fields: Object.keys(content.fields).toSorted(),
    witnesses: evidence.witnesses.map(({ kind, fields, times }) => ({ kind, fields, times })),
    graph: gradeOf(judged),
    inferred: strongest(judged.scores, edgesOf(judged.truth).length),
  };
}

/** A score that sees nothing, one that sees volumes only, and one that sees every pair. */
export function controlsOf(truth: PairTable, seed: number): Controls {
  const volumes = new Tally(truth.agents);
  for (let agent = 0; agent < truth.agents; agent += 1) {
    truth.othersOf(agent).forEach((messages) => {
      volumes.add(agent, messages);
    });
  }
  const grade = (scores: PairTable): GraphReport => gradeOf({ scores, truth, seed });
  return {
    uniform: grade(uniformControl(truth.agents, new SeededRandom(seed))),
    volume: grade(volumePrior(volumes)),
    leaky: grade(leakyControl(truth, 1, new SeededRandom(seed))),
  };
}

export function gradeOf({ scores, truth, seed }: Omit<Judged, 'planted'>): GraphReport {
  const figures: GraphFigures = gradeScores(scores, truth, {
    random: new SeededRandom(seed),
    posteriorOf: softmax,
  });
  const roc = rocCurve(rankPairs(scores, truth), ROC_POINTS);
  return {
    ...figures,
    bestF1: figures.bestF1.f1,
    roc: roc.map(({ falsePositiveRate, truePositiveRate }) => [falsePositiveRate, truePositiveRate] as const),
  };
}

/** The pairs with messages, each with how many. */
export function edgesOf(table: PairTable): readonly Edge[] {
  return pairsOf(table).filter(([, , weight]) => weight > 0);
}

function strongest(scores: PairTable, count: number): readonly Edge[] {
  return pairsOf(scores)
    .toSorted((one, other) => other[2] - one[2])
    .slice(0, count);
}

function pairsOf(table: PairTable): readonly Edge[] {
  const pairs: Edge[] = [];
  for (let a = 0; a < table.agents; a += 1) {
    for (let b = a + 1; b < table.agents; b += 1) pairs.push([a, b, table.at(a, b) + table.at(b, a)]);
  }
  return pairs;
}
