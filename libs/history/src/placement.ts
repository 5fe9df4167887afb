import { type ActionDraft } from '@musubi/cell';
import { type AgentPubKey, type StrategyName, type Timestamp } from '@musubi/messaging';
import { type Envelope } from '@musubi/receipts';
import { type Cell } from './writes.js';

/** Where one strategy puts letters: all that tells its writing from the other strategies'. */
export interface Placement<Of extends Cell = Cell> {
  readonly strategy: StrategyName;
  /** The recipient copies the message, and the author the receipts, onto their own chains. */
  readonly copiesReceived: boolean;
  /** The reply to a remote call brings the `delivered` receipt back to the author. */
  readonly repliesReceipts: boolean;
  /** The cell, genesis done, with which the holder writes to the peer. @throws CloneLimitReachedError, CloneDisabledError */
  cellFor(holder: AgentPubKey, peer: AgentPubKey): Promise<Of>;
  /** The actions that carry letters to the peer. */
  draftsOf(letters: readonly Envelope[], cell: Of, peer: AgentPubKey): readonly ActionDraft[];
  /** The time that public actions show for something done at `at`, in that cell if any is written. */
  actionTime(at: Timestamp, cell?: Of): Timestamp;
}
