import { type ChainAuthor, type StoredAction } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Rows, type Sql } from '@musubi/database';
import { type SignedReceipt } from '@musubi/messaging';
import { type OpeningReceipts } from '@musubi/receipts';

/** The holder of a history, and the chain it writes for it, if any. */
export interface Keeping {
  readonly keys: AgentKeys;
  readonly chain: ChainAuthor | null;
}

/** A holder with the chain it writes: its own, a clone's, or a pseudonym's. */
export interface Cell extends Keeping {
  readonly chain: ChainAuthor;
}

/** What commits together with what is kept. */
export interface Alongside {
  /** Rows of a strategy's own. */
  readonly rows?: readonly Rows[] | undefined;
  /** Runs in the transaction, after everything is written and before COMMIT; what it throws undoes all. */
  readonly within?: ((tx: Sql) => Promise<void>) | undefined;
}

/** What a save takes besides the message. */
export interface Opening extends Pick<Alongside, 'within'> {
  /** As `open` signed them; signed afresh when absent. */
  readonly receipts?: OpeningReceipts;
}

/** What an acceptance takes besides the message. */
export interface Acceptance extends Alongside {
  /** As `countersign` signed it; signed afresh when absent. */
  readonly delivered?: SignedReceipt;
}

/** A message that was accepted, now or before. */
export interface Accepted {
  /** The stored `delivered` receipt. */
  readonly receipt: SignedReceipt;
  /** What went on the recipient's chain for it; `null` when it had the message before. */
  readonly actions: readonly StoredAction[] | null;
}
