import { type ChainAuthor } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Sql } from '@musubi/database';
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

/** Rows of a strategy's own that commit together with what is kept. */
export type Alongside = (tx: Sql) => Promise<void>;

export function inTurn(first: Alongside | undefined, second: Alongside | undefined): Alongside {
  return async (tx) => {
    await first?.(tx);
    await second?.(tx);
  };
}

/** What a save takes besides the message. */
export interface Opening {
  /** As `open` signed them; signed afresh when absent. */
  readonly receipts?: OpeningReceipts;
  readonly alongside?: Alongside;
}

/** What an acceptance takes besides the message. */
export interface Acceptance {
  /** As `countersign` signed it; signed afresh when absent. */
  readonly delivered?: SignedReceipt;
  readonly alongside?: Alongside;
}
