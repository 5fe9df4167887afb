import { type Guarantees, type StrategyName } from '@musubi/messaging';
import { holdAgainst } from '../../src/figures/declared.js';
import {
  type CostReport,
  type DeclaredReport,
  type Edge,
  type GraphReport,
  type ObserverReport,
  type TimingReport,
} from '../../src/report/report.js';

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

type Inferred = Pick<
  ObserverReport,
  'timing' | 'strongestClock' | 'attacks' | 'notAttempted' | 'graph' | 'untilRankOne'
>;

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
    notAttempted: level === 0 ? [] : [{ attack: 'mailbox-sums', reason: 'too many mailboxes' }],
    graph: graphOf(0.5 + level / 25),
    untilRankOne: { ...untilRankOne, median: level > 5 ? 300 : null },
  };
}

function timingOf(clock: string, seen: Partial<TimingReport>): TimingReport {
  return { clock, window: 1_000_000, acts: 0, missing: 0, unreadable: null, strongest: null, ...seen };
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
