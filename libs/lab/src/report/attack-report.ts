/** What a party saw by one clock. */
export interface TimingReport {
  /** `microseconds` in rows; `transactions`, counted one by one; `commit-times` of the write-ahead log, in µs. */
  readonly clock: string;
  readonly window: number;
  readonly acts: number;
  /** Acts of which the clock shows nothing. */
  readonly missing: number;
  /** Why it shows nothing at all: `no-extension`, `not-permitted`; `null` where it can be read. */
  readonly unreadable: string | null;
  /** Of the attacks that go by this clock, the one that finds most; `null` where there is nothing to go by. */
  readonly strongest: AttackReport | null;
}

/** An attack that had nothing to go by is not there. */
export interface AttackReport {
  /**
   * By rows: `named-together`, `shared-value`, `rare-sizes`, `heap-order`, `heap-twos`, `volume`, `lesser-volume`. By what rows add up to:
   * `mirrored-sizes`, `mirrored-conversations`, `mailbox-sums`, `bracketed-volume`, `bracketed-sums-by-day`, `sampled-sums-by-day`,
   * `row-sums-by-day`, `requests-by-day`, `requests-at-either-end`; the first three also `…, 3 snapshots`. Of a crawler that asks
   * again and again: `acts-together, polled …`, `row-sums, polled …`, `sampled-sums, polled …` and `requests-and-mailboxes, polled …`. By a clock: `soon-after`, `statistical-disclosure`,
   * `least-squares-disclosure`, `equal-sizes`; and each of these `…, by commit times`.
   */
  readonly attack: string;
  readonly auc: number;
  readonly aucInterval: readonly [low: number, high: number];
}

/** An attack that would have taken too much, or that lacked something of the server. */
export interface NotAttempted {
  readonly attack: string;
  readonly reason: string;
}

/** How many messages had been sent when the agents' true peers came first, and stayed so. */
export interface RankOneReport {
  /** After how many messages the observer looked. */
  readonly glimpses: readonly number[];
  /** Agents that have a peer. */
  readonly agents: number;
  /** Of these, those whose true peer came first in the end. */
  readonly reached: number;
  /** Over all agents with a peer; `null` when fewer than half came to that. */
  readonly median: number | null;
}
