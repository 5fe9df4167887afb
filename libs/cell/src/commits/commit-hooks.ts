import { type Sql } from '@musubi/database';
import { type AgentPubKey } from '@musubi/messaging';

/**
 * What a commit on one agent's side is for: the author's save and confirm, the recipient's accept and read, and either's
 * pin, which it made itself or was told of.
 */
export const COMMIT_STEPS = ['save', 'accept', 'confirm', 'read', 'pin'] as const;

export type CommitStep = (typeof COMMIT_STEPS)[number];

/** Which commit, and whose. */
export interface CommitPoint {
  readonly step: CommitStep;
  readonly agent: AgentPubKey;
}

/** Runs in the transaction, after everything is written and before COMMIT; what it throws undoes all. */
export type AtCommit = (tx: Sql) => Promise<void>;

/** A transaction that calls `atCommit`, if it is given one, last; when that rejects, it must roll back and reject with it. */
export type Committing<Result> = (atCommit?: AtCommit) => Promise<Result>;

/** What stands around each commit of the act of sending: the one place where commits can be made to fail. */
export interface CommitHooks {
  run<Result>(point: CommitPoint, transaction: Committing<Result>): Promise<Result>;
}

/** Commits as they come. */
export const noCommitHooks: CommitHooks = {
  run: (_point, transaction) => transaction(),
};
