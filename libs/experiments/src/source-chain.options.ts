/** How an act of sending crosses from the one chain to the other. */
export const PROTOCOLS = ['granular', 'post-commit', 'veto', 'countersigned'] as const;

/**
 * - `granular`: save, send and confirm, each committed by itself and each repeatable; the outbox holds the rest.
 * - `post-commit`: a hook calls the recipient after the save is committed, and the recipient's hook brings the
 *   receipt back. Hooks live in memory: what they fail at is logged, and is in no outbox.
 * - `veto`: the recipient is called before the sender's commit, and that is rolled back when the call fails.
 * - `countersigned`: both chains are locked for a session, and both commit or none.
 */
export type Protocol = (typeof PROTOCOLS)[number];

export const ENVELOPES = ['salted', 'shared'] as const;

/**
 * - `salted`: each chain's copy has its own salt, so that the public entry hashes have nothing in common.
 * - `shared`: both chains hold the very same entry, as Kizuna's do, and both publish its hash.
 */
export type Envelope = (typeof ENVELOPES)[number];

/**
 * - `day`: public actions show the start of their day (UTC); the precise times are inside the sealed envelopes.
 * - `precise`: they show the microsecond, as Holochain's do. The recipient's action follows the author's within
 *   milliseconds, so any stranger can pair them.
 */
export type ActionTimes = 'day' | 'precise';

/** An experiment with the placement, put together from these. */
export interface SourceChainVariation {
  /** `granular` when absent. The others exist to be measured: see docs/post-commit.md. */
  readonly protocol?: Protocol;
  /** `salted` when absent. */
  readonly envelope?: Envelope;
  /** `day` when absent. */
  readonly times?: ActionTimes;
  /** How long both chains stay locked for a countersigned message at most, in milliseconds; 10 s when absent. */
  readonly sessionMs?: number;
}
