import { type AgentPubKey } from '@musubi/messaging';
import { type Activity } from '../inference/activity.js';
import { soonAfterScores } from '../inference/soon-after.js';
import { type Tally } from '../inference/tally.js';
import { PairTable } from '../pairs/pair-table.js';
import { type Observer } from '../parties/observer.js';
import { ActSense } from './acts.js';
import { type Content, ContentSense } from './content.js';
import { EvidenceSense, type PairEvidence } from './evidence.js';
import { type Guess } from './guesses.js';
import { keyFinder } from './key-finder.js';
import { namedRow } from './naming.js';
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
}

/** Reads everything the observer can, once. */
export async function examine(observer: Observer, questions: Questions): Promise<Findings> {
  const { agents, canaries = [], guesses = [], since = -Infinity, addresses = [] } = questions;
  const content = new ContentSense(canaries, guesses);
  const evidence = new EvidenceSense(agents.length);
  const acts = new ActSense(agents.length, since);
  const volumes = new VolumeSense(agents.length, addresses);
  const finder = keyFinder(agents);
  let rows = 0;
  for await (const row of observer.rows()) {
    rows += 1;
    content.take(row);
    const named = namedRow(row, finder);
    evidence.take(named);
    acts.take(row, named.owner);
    volumes.take(named);
  }
  return {
    observer: observer.name,
    rows,
    content: content.findings(),
    evidence: evidence.findings(),
    activity: acts.findings(),
    volumes: volumes.findings(),
  };
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

function hasSpan({ at }: Activity): boolean {
  return (at.at(-1) ?? 0) > (at[0] ?? 0);
}
