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
   * By rows: `named-together`, `shared-value`, `rare-sizes`, `heap-order`, `volume`. By a clock: `soon-after`,
   * `statistical-disclosure`, `least-squares-disclosure`, `equal-sizes`; and each of these `…, by commit times`.
   */
  readonly attack: string;
  readonly auc: number;
  readonly aucInterval: readonly [low: number, high: number];
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
