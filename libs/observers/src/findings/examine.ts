import { type AgentPubKey } from '@musubi/messaging';
import { type Activity } from '../inference/activity.js';
import { soonAfterScores } from '../inference/soon-after.js';
import { PairTable } from '../pairs/pair-table.js';
import { type Observer } from '../parties/observer.js';
import { ActSense } from './acts.js';
import { type Content, ContentSense } from './content.js';
import { EvidenceSense, type PairEvidence } from './evidence.js';
import { type Guess } from './guesses.js';
import { KeyFinder } from './key-finder.js';
import { namedRow } from './naming.js';

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
}

/** What a party can tell from the bytes it reads. */
export interface Findings {
  readonly observer: string;
  readonly rows: number;
  readonly content: Content;
  readonly evidence: PairEvidence;
  readonly activity: Activity;
}

/** Reads everything the observer can, once. */
export async function examine(observer: Observer, questions: Questions): Promise<Findings> {
  const { agents, canaries = [], guesses = [], since = -Infinity } = questions;
  const content = new ContentSense(canaries, guesses);
  const evidence = new EvidenceSense(agents.length);
  const acts = new ActSense(agents.length, since);
  const finder = new KeyFinder(agents);
  let rows = 0;
  for await (const row of observer.rows()) {
    rows += 1;
    content.take(row);
    const named = namedRow(row, finder);
    evidence.take(named);
    acts.take(row, named.owner);
  }
  return {
    observer: observer.name,
    rows,
    content: content.findings(),
    evidence: evidence.findings(),
    activity: acts.findings(),
  };
}

/**
 * One score for each pair: how often anything told of it, and below that, between 0 and 1, how much its agents act
 * soon after one another: 1 / (1 + e^−z). Rows that tell of pairs outweigh any timing.
 * @param window W, in the units of the observer's clock: µs, or transactions for the whole disk
 */
export function pairScores({ evidence, activity }: Findings, window: number): PairTable {
  const scores = new PairTable(evidence.pairs.agents);
  const timing = hasSpan(activity) ? soonAfterScores(activity, { window }) : scores;
  scores.values.set(
    evidence.pairs.values.map((times, pair) => times + 1 / (1 + Math.exp(-(timing.values[pair] ?? 0)))),
  );
  return scores;
}

function hasSpan({ at }: Activity): boolean {
  return (at.at(-1) ?? 0) > (at[0] ?? 0);
}
