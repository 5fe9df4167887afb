import {
  type Act,
  type Activity,
  type PairTable,
  SeededRandom,
  activityOf,
  messagesBetween,
} from '@musubi/observers';

interface TrafficOptions {
  readonly agents: number;
  readonly messages: number;
  readonly peersEach: number;
  readonly seed: number;
  /** How long after a message its recipient's automatic receipt comes; none when absent. */
  readonly receiptAfter?: number;
}

export interface Traffic {
  readonly truth: PairTable;
  readonly sent: Activity;
  readonly received: Activity;
  /** Messages and receipts alike, as one sees who appends but not what. */
  readonly acts: Activity;
}

/** Agents with a few peers each, who write at random, one message per unit of time on the average. */
export function trafficOf({ agents, messages, peersEach, seed, receiptAfter }: TrafficOptions): Traffic {
  const random = new SeededRandom(seed);
  const peers = Array.from({ length: agents }, (_, agent) =>
    Array.from({ length: peersEach }, () => (agent + 1 + random.below(agents - 1)) % agents),
  );
  const letters = Array.from({ length: messages }, () => {
    const from = random.below(agents);
    return { from, to: peers[from]?.[random.below(peersEach)] ?? 0, at: random.float() * messages };
  });
  const sent = letters.map(({ from, at }): Act => ({ agent: from, at }));
  const received = letters.map(({ to, at }): Act => ({ agent: to, at }));
  const receipts =
    receiptAfter === undefined
      ? []
      : letters.map(({ to, at }): Act => ({ agent: to, at: at + receiptAfter * random.float() }));
  return {
    truth: messagesBetween(agents, letters),
    sent: activityOf(agents, sent),
    received: activityOf(agents, received),
    acts: activityOf(agents, [...sent, ...receipts]),
  };
}
