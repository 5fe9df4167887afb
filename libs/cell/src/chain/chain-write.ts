import { type Rows, type Sql, writeInTurn } from '@musubi/database';
import { type ChainPlace, type Timestamp } from '@musubi/messaging';
import { type SignedAction } from './action.js';
import { type ActionDraft } from './action-draft.js';
import { type ChainAuthor } from './chain-author.js';
import { type ChainHead, continuingRows } from './chain.store.js';
import { continueChain, placeAfter } from './continuation.js';

/** One transaction on one author's chain, with the head it will continue. */
export class ChainWrite {
  constructor(
    /** For what commits together with the chain. Nothing inside may use another connection. */
    readonly tx: Sql,
    private readonly author: ChainAuthor,
    private position: ChainHead,
  ) {}

  /** The last action on the chain so far. */
  get head(): ChainHead {
    return this.position;
  }

  /** Where the next actions will stand on the chain. */
  place(count: number): ChainPlace {
    return placeAfter(this.author, this.position, count);
  }

  /**
   * Appends the drafts in order, after rows of other tables. `at` is the author's time for all of them.
   * @throws InvalidRecordError for a tag that is too long
   */
  async append(
    drafts: readonly ActionDraft[],
    at: Timestamp,
    before: readonly Rows[] = [],
  ): Promise<readonly SignedAction[]> {
    const from = this.position;
    const { actions, entries, head } = continueChain(this.author, from, { drafts, at });
    await writeInTurn(this.tx, [...before, ...continuingRows({ from, actions, entries })]);
    this.position = head;
    return actions;
  }
}
