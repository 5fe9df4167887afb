import { type Guarantees, type StrategyName } from '@musubi/messaging';
import { holdAgainst } from '../../../src/figures/declared.js';
import {
  type CostReport,
  type DeclaredReport,
  type Edge,
  type GraphReport,
  type LoadPoint,
  type LoadReport,
  type ObserverReport,
  type PagingReport,
  type Quantiles,
  type TimingReport,
} from '../../../src/report/report.js';

export const AGENTS = 24;
const PAIRS = (AGENTS * (AGENTS - 1)) / 2;
export const EDGES: readonly Edge[] = Array.from({ length: AGENTS }, (_, agent) => agent).flatMap((agent) => [
  edge(agent, (agent + 1) % AGENTS, 9),
  edge(agent, (agent + 2 + (agent % 5)) % AGENTS, 4),
]);

/** Pairs that never wrote to one another. */
const STRANGERS: readonly Edge[] = Array.from({ length: AGENTS }, (_, a) => a)
  .flatMap((a) => Array.from({ length: AGENTS - a - 1 }, (_, more) => edge(a, a + 1 + more, 1)))
  .filter(([a, b]) => !EDGES.some((known) => known[0] === a && known[1] === b));

export function costOf(index: number): CostReport {
  const [messages, pairs] = [1200, EDGES.length];
  return {
    messages,
    rowsPerMessage: 5 + index / 2,
    bytesPerMessage: 1400 + 260 * index,
    callsPerMessage: index % 3,
    agents: AGENTS,
    rowsPerAgent: 4,
    bytesPerAgent: 900,
    pairs,
    rowsPerPair: index === 6 ? 12.5 : 0.5 * (index % 3),
    bytesPerPair: index === 6 ? 5200 : 190 * (index % 3),
    callsPerPair: index === 6 ? 1 : 0,
    opened: [1, 2, 4].map((opened) => ({ pairs: opened, rows: 6 * opened, bytes: 2600 * opened })),
  };
}

export function observerOf(observer: string, level: number, strategy: StrategyName): ObserverReport {
  const isStranger = observer === 'crawler' || observer === 'stranger-with-share';
  const right = EDGES.slice(0, Math.round((EDGES.length * level) / 11));
  const wrong = STRANGERS.filter((_, nth) => nth % 4 === level % 4).slice(0, EDGES.length - right.length);
  return {
    observer,
    parties: partiesOf(observer),
    rows: 1000 * (level + 1),
    canariesPlanted: 40,
    canariesFound: observer === 'conversant' ? 3 : 0,
    guessesConfirmed: 0,
    bodyBytes: isStranger && strategy !== 'global-dht' ? 0 : 4096 * (level + 1),
    fields: [
      'action.author',
      'action.hash',
      'action.seq',
      ...(level > 3 ? ['dht_link.base', 'dht_link.tag'] : []),
      ...(level > 6 ? ['remote-call.to'] : []),
    ],
    witnesses:
      level > 4 ? [{ kind: 'same value', fields: 'action.author, dht_link.base', times: 10 * level }] : [],
    ...inferenceOf(level),
    inferred: [...right, ...wrong],
  };
}

function partiesOf(observer: string): number {
  return observer === 'stranger-with-share' ? 15 : 1;
}

/** All of it borne out: one case against each promise that is not made. */
export function declaredOf(guarantees: Guarantees): readonly DeclaredReport[] {
  const { concurrentReceive, concurrentSave, offlineDelivery, unboundedPeers } = guarantees;
  const { bodyStaysWithPair, hidesPeers, unlinkableCopies } = guarantees;
  return holdAgainst({
    guarantees,
    counts: {
      concurrentReceive: Number(!concurrentReceive),
      concurrentSave: Number(!concurrentSave),
      offlineDelivery: Number(!offlineDelivery),
      unboundedPeers: Number(!unboundedPeers),
      bodyStaysWithPair: Number(!bodyStaysWithPair),
      hidesPeers: Number(!hidesPeers),
      unlinkableCopies: Number(!unlinkableCopies),
    },
  });
}

type Inferred = Pick<ObserverReport, 'timing' | 'strongestClock' | 'attacks' | 'graph' | 'untilRankOne'>;

function inferenceOf(level: number): Inferred {
  const attacks = level === 0 ? [] : [{ attack: 'soon-after', ...aucOf(0.5 + level / 30) }];
  const untilRankOne = { glimpses: [75, 150, 300, 600, 1200], agents: AGENTS, reached: 2 * level };
  return {
    timing: [
      timingOf('microseconds', { acts: 100 * level, strongest: attacks[0] ?? null }),
      timingOf('commit-times', { unreadable: 'not-permitted' }),
    ],
    strongestClock: attacks.length === 0 ? null : 'microseconds',
    attacks,
    graph: graphOf(0.5 + level / 25),
    untilRankOne: { ...untilRankOne, median: level > 5 ? 300 : null },
  };
}

function timingOf(clock: string, seen: Partial<TimingReport>): TimingReport {
  return { clock, window: 1_000_000, acts: 0, missing: 0, unreadable: null, strongest: null, ...seen };
}

export function loadOf(index: number): LoadReport {
  const scaling = { lambda: 40 + 3 * index, sigma: 0.05 + 0.03 * index, kappa: 0.0004, r2: 0.97 };
  return {
    points: [1, 2, 8, 32].map((concurrency) => pointOf(concurrency, index)),
    scaling: index === 4 ? null : scaling,
  };
}

function pointOf(concurrency: number, index: number): LoadPoint {
  const actsPerSecond = ((40 + 3 * index) * concurrency) / (1 + (0.06 + 0.03 * index) * (concurrency - 1));
  return {
    concurrency,
    acts: 200,
    backToBack: 100,
    timed: 99,
    gaveUp: 0,
    firstError: null,
    seconds: 200 / actsPerSecond,
    actsPerSecond,
    headMovedPerMessage: (concurrency - 1) / (40 + 9 * index),
    attemptsPerMessage: 1 + (concurrency - 1) / (60 + 9 * index),
    callsPerMessage: (index % 3) + concurrency / 64,
    saved: quantiles(8 + concurrency / 2),
    delivered: quantiles(20 + 4 * concurrency + index),
  };
}

export function pagingOf(index: number): readonly PagingReport[] {
  return [100, 1000].map((messages) => ({
    messages,
    reads: 20,
    latest: quantiles(2 + index),
    day: quantiles(2 + index),
    around: quantiles(3 + index),
    before: null,
  }));
}

function quantiles(p50: number): Quantiles {
  return { p50, p95: 2.5 * p50, p99: 5 * p50 };
}

function edge(a: number, b: number, weight: number): Edge {
  return [Math.min(a, b), Math.max(a, b), weight];
}

export function aucOf(auc: number): Pick<GraphReport, 'auc' | 'aucInterval'> {
  return { auc, aucInterval: [Math.max(0, auc - 0.04), Math.min(1, auc + 0.04)] };
}

export function graphOf(auc: number): GraphReport {
  const bend = auc >= 1 ? 0 : (1 - auc) / auc;
  return {
    pairs: PAIRS,
    truePairs: EDGES.length,
    baseRate: EDGES.length / PAIRS,
    ...aucOf(auc),
    averagePrecision: auc / 2,
    precisionAtEdges: auc / 2,
    bestF1: auc / 2,
    firstPeerShare: auc / 2,
    medianPeerRank: 3,
    degreeCorrelation: auc,
    weightCorrelation: null,
    anonymity: {
      posterior: 'softmax',
      entropyBits: 3,
      effectiveSet: 8,
      degree: 0.6,
      top1: 0.3,
      logLossBits: 3.5,
    },
    roc: Array.from(
      { length: 21 },
      (_, step) => [step / 20, step === 0 && auc < 1 ? 0 : (step / 20) ** bend] as const,
    ),
  };
}
