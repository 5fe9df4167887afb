import { type AttackReport } from './attack-report.js';

export interface LoadReport {
  readonly points: readonly LoadPoint[];
  /** X(N) = λN / (1 + σ(N − 1) + κN(N − 1)), Gunther 1993; `null` with fewer than three points. */
  readonly scaling: ScalingReport | null;
}

export interface LoadPoint {
  readonly concurrency: number;
  /** Messages that were to be sent: of these are attempts, calls and heads that moved. */
  readonly acts: number;
  /** Of these, sent back to back: of these is the throughput. */
  readonly backToBack: number;
  /** Of those that were sent when they were due, delivered: of these are the times. */
  readonly timed: number;
  /** Of these, how many were not delivered in the time they had. */
  readonly gaveUp: number;
  /** The first error of those, by name. */
  readonly firstError: string | null;
  readonly seconds: number;
  /** Delivered, back to back. */
  readonly actsPerSecond: number;
  readonly headMovedPerMessage: number;
  readonly attemptsPerMessage: number;
  readonly callsPerMessage: number;
  /** From the intended start, in milliseconds; `null` where nothing was delivered. */
  readonly saved: Quantiles | null;
  readonly delivered: Quantiles | null;
}

export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Milliseconds for a page of 50, with so many messages in the conversation; each kind of page was read so often. */
export interface PagingReport {
  readonly messages: number;
  readonly reads: number;
  readonly latest: Quantiles | null;
  /** Of the first day. */
  readonly day: Quantiles | null;
  /** Around a message of that day's page. */
  readonly around: Quantiles | null;
  /** Before that page; `null` where nothing is older. */
  readonly before: Quantiles | null;
}

export interface ScalingReport {
  readonly lambda: number;
  readonly sigma: number;
  readonly kappa: number;
  readonly r2: number;
}

/** What became of the messages under one fault, once it was over and all that is owed had been tried again. */
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
