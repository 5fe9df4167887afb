import { type ChainAuthor, type StoredAction } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Rows } from '@musubi/database';
import { type SignedReceipt } from '@musubi/messaging';
import { type OpeningReceipts } from '@musubi/receipts';

/** The holder of a history, and the chain it writes for it, if any. */
export interface Writer {
  readonly keys: AgentKeys;
  readonly chain: ChainAuthor | null;
}

/** A holder with the chain it writes: its own, a clone's, or a pseudonym's. */
export interface Cell extends Writer {
  readonly chain: ChainAuthor;
}

/** What a save takes besides the message. */
export interface SaveOptions {
  /** Rows of a strategy's own that commit together with the message. */
  readonly rows?: readonly Rows[] | undefined;
  /** As `open` signed them; signed afresh when absent. */
  readonly receipts?: OpeningReceipts;
}

/** What an acceptance takes besides the message. */
export interface AcceptOptions {
  /** Rows of a strategy's own that commit together with the message. */
  readonly rows?: readonly Rows[] | undefined;
  /** As `countersign` signed it; signed afresh when absent. */
  readonly delivered?: SignedReceipt;
}

/** A message that was accepted, now or before. */
export interface AcceptedMessage {
  /** The stored `delivered` receipt. */
  readonly receipt: SignedReceipt;
  /** What went on the recipient's chain for it; `null` when it had the message before. */
  readonly actions: readonly StoredAction[] | null;
}
