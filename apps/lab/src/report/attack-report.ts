export interface TimingReport {
  /** `microseconds`, or `transactions` counted one by one. */
  readonly clock: string;
  readonly window: number;
  readonly acts: number;
}

/** An attack that had nothing to go by is not there. */
export interface AttackReport {
  /** `named-together`, `shared-value`, `soon-after`, `statistical-disclosure`, `least-squares-disclosure`. */
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
