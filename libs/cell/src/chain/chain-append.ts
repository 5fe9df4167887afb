import { type Rows, type Sql } from '@musubi/database';
import { type ChainPlace } from '@musubi/messaging';
import { type Drafted } from './continuation.js';

/** What goes on a chain in one act, and what commits together with it. */
export interface ChainAppend extends Drafted {
  /** Rows of other tables, once it is known where the drafts will stand. Asked again when the head moves. */
  readonly rows: (place: ChainPlace) => readonly Rows[];
  /** Runs in the transaction, after everything is written; what it throws undoes all. */
  readonly within?: ((tx: Sql) => Promise<void>) | undefined;
}
