import { type AttackReport } from './attack-report.js';
import { type Validity } from './disturbance-report.js';

export type Interval = readonly [low: number, high: number];

export interface LoadReport {
  readonly points: readonly LoadPoint[];
  /** X(N) = λN / (1 + σ(N − 1) + κN(N − 1)), Gunther 1993; `null` with fewer than three points that count. */
  readonly scaling: ScalingReport | null;
}

/** Rates, ratios and times are medians over rounds; their intervals go from the least round to the greatest. */
export interface LoadPoint extends Validity {
  readonly concurrency: number;
  readonly rounds: number;
  /** Messages of these rounds: of these are attempts, calls and heads that moved. */
  readonly acts: number;
  /** Of these, sent back to back: of these is the throughput. */
  readonly backToBack: number;
  /** Of those that were sent when they were due, delivered: of these are the times. */
  readonly timed: number;
  /** Messages with a step that failed too often, or of whose delivery nobody heard when all was over. */
  readonly gaveUp: number;
  /** The first error of those, by name. */
  readonly firstError: string | null;
  /** Of those back to back. */
  readonly seconds: number;
  /** Delivered, back to back. */
  readonly actsPerSecond: number;
  readonly actsPerSecondInterval: Interval;
  /** The same round by round. */
  readonly actsPerSecondRounds: readonly number[];
  readonly headMovedPerMessage: number;
  readonly headMovedPerMessageInterval: Interval;
  readonly attemptsPerMessage: number;
  readonly attemptsPerMessageInterval: Interval;
  readonly callsPerMessage: number;
  readonly callsPerMessageInterval: Interval;
  /** From the intended start, in milliseconds; `null` where nothing was delivered. */
  readonly saved: Quantiles | null;
  readonly delivered: Quantiles | null;
}

/** Of each round by itself, the median over rounds; intervals from the least to the greatest. */
export interface Quantiles {
  readonly p50: number;
  readonly p50Interval: Interval;
  readonly p95: number;
  readonly p95Interval: Interval;
  readonly p99: number;
  readonly p99Interval: Interval;
}

/** Milliseconds for a page of 50, with so many messages in the conversation. */
export interface PagingReport extends Validity {
  readonly messages: number;
  readonly rounds: number;
  /** How often each kind of page was read, in all rounds together. */
  readonly reads: number;
  readonly latest: Quantiles | null;
  /** Of the first day. */
  readonly day: Quantiles | null;
  /** Around a message of that day's page. */
  readonly around: Quantiles | null;
  /** Before that page; `null` where nothing is older. */
  readonly before: Quantiles | null;
}

/** Fitted to the medians of all points; intervals are those of fits to single rounds. */
export interface ScalingReport {
  readonly lambda: number;
  readonly lambdaInterval: Interval;
  readonly sigma: number;
  readonly sigmaInterval: Interval;
  readonly kappa: number;
  readonly kappaInterval: Interval;
  readonly r2: number;
}

/** What became of the messages under one fault, once it was over and all that is pending had been tried again. */
export interface FaultReport {
  readonly fault: string;
  readonly messages: number;
  readonly refused: number;
  readonly delivered: number;
  readonly failed: number;
  readonly lost: number;
  readonly doubled: number;
  readonly phantom: number;
  readonly orphan: number;
}

/** One way to send receipts, on the first messages of the workload. */
export interface ReceiptPriceReport {
  /** `immediate`, `batched`, `delayed`, `off`. */
  readonly mode: string;
  readonly messages: number;
  /** AUC of the volume prior on these messages. */
  readonly volumeAuc: number;
  /** Messages whose author knows of the delivery at the end of the run. */
  readonly confirmedShare: number;
  /** Delivered messages whose author does not know. */
  readonly orphanRate: number;
  /** Of the run's simulated time, until the recipient has the message; `null` when it never does. */
  readonly medianSecondsToDeliver: number | null;
  /** Of the run's simulated time, until the author knows; `null` when it never does. */
  readonly medianSecondsToConfirm: number | null;
  /** The observer that sees the most, of those that hold no keys and are no operator. */
  readonly observer: string;
  /** The attack by which it does; `nothing` when it has nothing to go by. */
  readonly attack: string;
  readonly auc: number;
  readonly aucInterval: readonly [low: number, high: number];
  /** The same for who has the disk of all nodes. */
  readonly disk: AttackReport;
}
