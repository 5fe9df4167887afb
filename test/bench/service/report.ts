import { type StrategyName } from '@musubi/messaging';
import { type Losses } from './ledger.js';
import { type ProfileFigures } from './profile.js';
import { type Memory } from './served.js';

export interface Rate {
  readonly concurrency: number;
  readonly acts: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface LoadFigures extends Rate {
  readonly perAct: {
    readonly apiCpuMs: number;
    /** `null` where there is no /proc. */
    readonly postgresCpuMs: number | null;
    readonly loadCpuMs: number;
    readonly walBytes: number;
    readonly statements: number;
  };
  /** Of the time, that in which the service's JavaScript thread was not waiting. */
  readonly busyShare: number;
}

export type FloorFigures = Rate & { readonly walBytes: number };

/** Milliseconds an act. */
export interface CryptoFigures {
  readonly calls: Readonly<Record<string, number>>;
  readonly wasmMs: number;
  /** `null` where sodium-native is not installed. */
  readonly nativeMs: number | null;
}

export interface PlacementReport {
  readonly placement: StrategyName;
  readonly act: {
    /** As the triggers saw them: those that write. */
    readonly writingTransactions: number;
    readonly rows: number;
    readonly bytes: number;
    /** As pg_stat_database counts them, reading ones included. */
    readonly transactions: number;
  };
  readonly loads: readonly LoadFigures[];
  readonly hotRecipient: LoadFigures;
  readonly burst: LoadFigures;
  readonly floor: {
    readonly same: readonly FloorFigures[];
    /** Each transaction one statement. */
    readonly atOnce: FloorFigures;
    readonly batched: FloorFigures;
  };
  /** Acts a second at 32 at once, of those of the same transactions by bare SQL in the same run. */
  readonly shareOfFloor: number;
  readonly crypto: CryptoFigures;
  readonly profile: ProfileFigures | null;
}

export interface PageFigures {
  readonly messages: number;
  readonly latestMs: number;
  readonly nextMs: number;
}

export interface MemoryReport {
  readonly acts: number;
  /** A service that was just started, with nobody in it, not collected. */
  readonly idle: Memory;
  /** Collected, with its agents, after a tenth of the acts. */
  readonly warm: Memory;
  /** The most while acts were under way, not collected. */
  readonly underLoad: Memory;
  readonly after: Memory;
}

export interface BenchReport {
  readonly at: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly durability: Readonly<Record<string, string>>;
  readonly startMs: { readonly first: number; readonly again: number };
  readonly placements: readonly PlacementReport[];
  readonly hotChain: Rate;
  readonly pages: readonly PageFigures[];
  readonly memory: MemoryReport;
  /** Of all acts of the run, read after the service had been started again. */
  readonly losses: readonly Losses[];
}
