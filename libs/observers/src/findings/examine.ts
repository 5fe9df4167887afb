import { type AgentPubKey } from '@musubi/messaging';
import { type Activity } from '../inference/activity.js';
import { type Sizes } from '../inference/equal-sizes.js';
import { soonAfterScores } from '../inference/soon-after.js';
import { type Tally } from '../inference/tally.js';
import { PairTable } from '../pairs/pair-table.js';
import { type HeldRow, type Observer } from '../parties/observer.js';
import { SizeSense } from '../parties/sizes.js';
import { ActSense, timeOf } from './acts.js';
import { ColumnSense, type OwnedTable } from './columns.js';
import { type Content, ContentSense } from './content.js';
import { EvidenceSense, type PairEvidence } from './evidence.js';
import { type Guess } from './guesses.js';
import { HeapSense } from './heap-order.js';
import { keyFinder } from './key-finder.js';
import { namedRow } from './naming.js';
import { type UnnamedColumn, UnnamedSense } from './unnamed.js';
import { type Address, VolumeSense } from './volumes.js';

export interface Questions {
  /** Whose graph is asked for. Everybody knows their keys; the findings number them in this order. */
  readonly agents: readonly AgentPubKey[];
  /** Texts that were planted in messages. */
  readonly canaries?: readonly string[];
  /** Texts that somebody might have written. */
  readonly guesses?: readonly Guess[];
  /**
   * Acts before this time of the observer's clock are passed over: agents that join one after another, say, who would
   * be taken to answer one another.
   */
  readonly since?: number;
  /** Where agents can be found without their keys being there. */
  readonly addresses?: readonly Address[];
}

/** What a party can tell from the bytes it reads. */
export interface Findings {
  readonly observer: string;
  readonly rows: number;
  readonly content: Content;
  readonly evidence: PairEvidence;
  readonly activity: Activity;
  /** How much there is of each agent, beyond what there is of all. */
  readonly volumes: Tally;
  /** How long whose bodies are, from `since` on. */
  readonly sizes: Sizes;
  /** Symmetric z-scores of lying next to one another, from `since` on; 0 for a party that does not see how rows lie. */
  readonly heapOrder: PairTable;
  /** Symmetric: how often rows of two agents lie side by side, each row being in one two at most. */
  readonly heapTwos: PairTable;
  /** The rows of each agent, column by column. */
  readonly owned: readonly OwnedTable[];
  /** What rows that name nobody have in common. */
  readonly unnamed: readonly UnnamedColumn[];
}

/** Reads everything the observer can, once. */
export async function examine(observer: Observer, questions: Questions): Promise<Findings> {
  const { agents, canaries = [], guesses = [], addresses = [], since = -Infinity } = questions;
  const content = new ContentSense(canaries, guesses);
  const evidence = new EvidenceSense(agents.length);
  const traces = new TraceSense(agents.length, since);
  const volumes = new VolumeSense(agents.length, addresses);
  const columns = new ColumnSense();
  const unnamed = new UnnamedSense(addresses);
  const finder = keyFinder(agents);
  let rows = 0;
  for await (const row of observer.rows()) {
    rows += 1;
    content.take(row);
    const named = namedRow(row, finder);
    evidence.take(named);
    traces.take(row, named.owner);
    volumes.take(named);
    if (row.at !== undefined && row.at < since) continue;
    columns.take(named, row.at);
    unnamed.take(named, row.at);
  }
  return {
    observer: observer.name,
    rows,
    content: content.findings(),
    evidence: evidence.findings(),
    ...traces.findings(),
    volumes: volumes.findings(),
    owned: columns.findings(),
    unnamed: unnamed.findings(),
  };
}

/** What rows tell by being there: when, how long, and beside which. */
class TraceSense {
  private readonly acts: ActSense;
  private readonly sizes: SizeSense;
  private readonly heaps: HeapSense;

  constructor(
    agents: number,
    private readonly since: number,
  ) {
    this.acts = new ActSense(agents);
    this.sizes = new SizeSense(agents);
    this.heaps = new HeapSense(agents);
  }

  take(row: HeldRow, owner: number | null): void {
    const at = timeOf(row);
    if (at !== undefined && at < this.since) return;
    this.acts.take(owner, at);
    this.sizes.take(row, owner, at);
    if (row.isInHeapOrder === true) this.heaps.take(row.table, owner);
  }

  findings(): Pick<Findings, 'activity' | 'heapOrder' | 'heapTwos' | 'sizes'> {
    const { acts, heaps, sizes } = this;
    return {
      activity: acts.findings(),
      sizes: sizes.findings(),
      heapOrder: heaps.findings(),
      heapTwos: heaps.inTwos(),
    };
  }
}

/**
 * One score for each pair: how often anything told of it, and below that, between 0 and 1, how much its agents act
 * soon after one another: 1 / (1 + e^−z). Rows that tell of pairs outweigh any timing.
 * @param window W, in the units of the observer's clock: µs, or transactions for the whole disk
 */
export function pairScores({ evidence, activity }: Findings, window: number): PairTable {
  return evidenceFirst(evidence.pairs, timingScores(activity, window));
}

/** The z-scores of acting soon after one another; 0 for all pairs when nothing was seen to happen after anything else. */
export function timingScores(activity: Activity, window: number): PairTable {
  return hasSpan(activity) ? soonAfterScores(activity, { window }) : new PairTable(activity.agents);
}

/** Counts of what told of pairs, with timing to decide between those of one count. */
export function evidenceFirst(pairs: PairTable, timing: PairTable): PairTable {
  const scores = new PairTable(pairs.agents);
  scores.values.set(
    pairs.values.map((times, pair) => times + 1 / (1 + Math.exp(-(timing.values[pair] ?? 0)))),
  );
  return scores;
}

/**
 * Counts of what told of pairs, and between those of one count whatever other scores there are, drawn to between 0 and ½.
 */
export function evidenceBefore(pairs: PairTable, others: PairTable): PairTable {
  const least = others.values.reduce((lowest, score) => Math.min(lowest, score), Infinity);
  const span = others.values.reduce((widest, score) => Math.max(widest, score - least), 0);
  const scores = new PairTable(pairs.agents);
  scores.values.set(
    pairs.values.map((times, pair) => {
      return times + (span === 0 ? 0 : ((others.values[pair] ?? 0) - least) / (2 * span));
    }),
  );
  return scores;
}

function hasSpan({ at }: Activity): boolean {
  return (at.at(-1) ?? 0) > (at[0] ?? 0);
}
