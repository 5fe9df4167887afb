import { type PairTable } from '../pairs/pair-table.js';

/** What an observer thinks after it has seen so many messages. */
export interface Glimpse {
  readonly messages: number;
  /** Of each agent's true peer, as of `peerRanks`. */
  readonly ranks: readonly (number | null)[];
}

/**
 * For each agent, at which place its true peer stands among the n − 1 others: 1 + those that score more + ½ those
 * that score the same. The true peer is the one with the most messages; of several such, the best placed. `null` for
 * agents without any.
 */
export function peerRanks(scores: PairTable, truth: PairTable): readonly (number | null)[] {
  return Array.from({ length: scores.agents }, (_, agent) => rankOf(agent, scores, truth));
}

function rankOf(agent: number, scores: PairTable, truth: PairTable): number | null {
  const others = Array.from({ length: scores.agents }, (_, other) => other).filter(
    (other) => other !== agent,
  );
  const most = Math.max(...others.map((other) => truth.between(agent, other)));
  if (!(most > 0)) return null;
  const peers = others.filter((other) => truth.between(agent, other) === most);
  const peer = Math.max(...peers.map((other) => scores.between(agent, other)));
  const values = others.map((other) => scores.between(agent, other));
  const above = values.filter((value) => value > peer).length;
  const equal = values.filter((value) => value === peer).length - 1;
  return 1 + above + equal / 2;
}

/**
 * For each agent, how many messages the observer had to see until the agent's true peer came first and stayed so
 * (Danezis 2003 counts rounds in this way). As exact as the glimpses are close to one another. `null` where it did
 * not come to that.
 * @param glimpses with a rising number of messages
 */
export function messagesUntilRankOne(glimpses: Iterable<Glimpse>): readonly (number | null)[] {
  let since: readonly (number | null)[] = [];
  for (const { messages, ranks } of glimpses) {
    since = ranks.map((rank, agent) => (rank === 1 ? (since[agent] ?? messages) : null));
  }
  return since;
}
