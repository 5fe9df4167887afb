import { type Guarantees, type StrategyName } from '@musubi/messaging';
import { type SimulatedFault } from '../workloads/simulated-faults.js';
import {
  type AttackReport,
  type NotAttempted,
  type RankOneReport,
  type TimingReport,
} from './attack-report.js';
import { type CostReport } from './cost-report.js';
import { type DeclaredReport } from './declared-report.js';
import { type Disturbance } from './disturbance-report.js';
import { type FilesReport } from './files-report.js';
import {
  type FaultReport,
  type LoadReport,
  type PagingReport,
  type ReceiptPriceReport,
} from './load-report.js';

export * from './attack-report.js';
export * from './cost-report.js';
export * from './declared-report.js';
export * from './disturbance-report.js';
export * from './files-report.js';
export * from './load-report.js';

/** The figures of one comparison. docs/measuring.md says which of them follow from the seed. */
export interface Report {
  readonly schema: 'musubi/report/2';
  /** True when the comparison was stopped before its end: what is here is whole, and more was asked for. */
  readonly isPartial: boolean;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly machine: Machine;
  /** What else the machine did meanwhile; of a comparison that was resumed, since then. */
  readonly disturbance: Disturbance;
  /** What the comparison and its PostgreSQL wrote to disks; `null` where the system does not tell. */
  readonly writtenBytes: number | null;
  readonly parameters: Parameters;
  /** The graph that was really there, the same for all placements. */
  readonly truth: Truth;
  /** What scores say that see nothing, see only how much everybody writes, and see everything. */
  readonly controls: Controls;
  readonly placements: readonly PlacementReport[];
}

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly node: string;
  readonly postgres: string;
}

export interface Parameters {
  readonly seed: number;
  /** `small-world`, …, or `trace`. */
  readonly workload: string;
  readonly agents: number;
  readonly messages: number;
  /** How many senders at once the load figures were taken with. */
  readonly concurrency: readonly number[];
  /** R: how many authorities hold each operation. */
  readonly redundancy: number;
  readonly variants: readonly string[];
  /** What went wrong with the remote calls of the simulated run: kinds and bounds, as in the fault plan. */
  readonly faults: readonly SimulatedFault[];
  /** Which figures were asked for, besides integrity. */
  readonly parts: readonly string[];
  /** SHA-256 of the events, in hexadecimal digits: two runs with the same had the same workload. */
  readonly workloadHash: string;
}

interface Truth {
  readonly agents: number;
  /** Unordered pairs that wrote to one another, with how many messages. */
  readonly edges: readonly Edge[];
}

/** a < b, and a number of that pair. */
export type Edge = readonly [a: number, b: number, weight: number];

export interface Controls {
  readonly uniform: GraphReport;
  /** deg · deg: it takes busy authors to write to busy recipients. */
  readonly volume: GraphReport;
  /** A placement made to leak: it names both agents of every message. */
  readonly leaky: GraphReport;
}

/** How well a score for each pair finds the true graph. `n` is the number of pairs scored. */
export interface GraphReport {
  readonly pairs: number;
  readonly truePairs: number;
  readonly baseRate: number;
  /** 0.5 is guessing. */
  readonly auc: number;
  readonly aucInterval: readonly [low: number, high: number];
  readonly averagePrecision: number;
  readonly precisionAtEdges: number;
  readonly bestF1: number;
  readonly firstPeerShare: number;
  readonly medianPeerRank: number;
  readonly degreeCorrelation: number | null;
  readonly weightCorrelation: number | null;
  readonly anonymity: AnonymityReport;
  /** From (0, 0) to (1, 1), thinned to 100 points at most. */
  readonly roc: readonly (readonly [falsePositiveRate: number, truePositiveRate: number])[];
}

/** Means over the agents that have a peer. */
export interface AnonymityReport {
  /** How scores became probabilities: `softmax` of z-scores, `proportional` to counts; `mixed`: one way for some of the kind. */
  readonly posterior: string;
  readonly entropyBits: number;
  readonly effectiveSet: number;
  /** H / log₂ N. */
  readonly degree: number;
  readonly top1: number;
  readonly logLossBits: number;
}

export interface PlacementReport {
  /** `source-chain`, `source-chain/strict`, `global-dht/agent-key`, … */
  readonly variant: string;
  readonly strategy: StrategyName;
  readonly options: Readonly<Record<string, string>>;
  readonly guarantees: Guarantees;
  /** It gates the rest: where it does not hold, the other figures are `null`. */
  readonly integrity: IntegrityReport;
  readonly cost: CostReport | null;
  readonly observers: readonly ObserverReport[] | null;
  readonly load: LoadReport | null;
  readonly faults: readonly FaultReport[] | null;
  readonly receipts: readonly ReceiptPriceReport[] | null;
  /** How long pages took to read; `null` where the workload reads none. */
  readonly paging: readonly PagingReport[] | null;
  /** Each field of the guarantees, and what was counted against it. */
  readonly declared: readonly DeclaredReport[] | null;
  /** Not there where the workload has no files. */
  readonly files?: FilesReport;
}

export interface IntegrityReport {
  readonly messages: number;
  /** Messages whose save was acknowledged. */
  readonly acknowledged: number;
  /** Messages whose author knows in the end that they were delivered. */
  readonly shown: number;
  /** Messages whose author was told that they failed. */
  readonly failed: number;
  /** Acknowledged, and missing on a side that must have it in the end. */
  readonly lost: number;
  readonly doubled: number;
  /** A `delivered` receipt without the message on the recipient's side. */
  readonly phantom: number;
  /** The recipient has it, and the author never learns of that. */
  readonly orphan: number;
  /** Gaps, forks and signatures that do not hold. */
  readonly chainFaults: number;
  /** One smallest case of each kind that is not 0. */
  readonly witnesses: readonly string[];
}

export interface ObserverReport {
  /** `conversant`, `stranger-with-share`, `crawler`, `operator`, `whole-disk`, `wiretap`. */
  readonly observer: string;
  /** How many of the kind looked. Of several, areas and grades are means, the rest is of one: see docs/measuring.md. */
  readonly parties: number;
  readonly rows: number;
  readonly canariesPlanted: number;
  readonly canariesFound: number;
  readonly guessesConfirmed: number;
  readonly bodyBytes: number;
  /** `table.column`, every one of which it holds values of. */
  readonly fields: readonly string[];
  /** What told it of pairs: the columns, and how often. */
  readonly witnesses: readonly { readonly kind: string; readonly fields: string; readonly times: number }[];
  /** By each of its clocks: whom it saw act, and how soon after one another acts were taken to belong together. */
  readonly timing: readonly TimingReport[];
  /** The clock by which one attack finds most; `null` where no clock tells anything. */
  readonly strongestClock: string | null;
  /** Each attack alone: what of the graph is told by rows, and what by order and time. */
  readonly attacks: readonly AttackReport[];
  /** Attacks that would have found something to go by, and were not tried. */
  readonly notAttempted: readonly NotAttempted[];
  /** All that it knows taken together. */
  readonly graph: GraphReport;
  readonly untilRankOne: RankOneReport;
  /** The |E| pairs it scores highest; fewer, where the last of them are level with others. */
  readonly inferred: readonly Edge[];
}
