import {
  type ActionDraft,
  type ChainWrite,
  type CommitStep,
  type Commits,
  type SourceChains,
} from '@musubi/cell';
import { type Sql, transact } from '@musubi/database';
import { type ChainPlace, type MessageDraft, type SignedReceipt, type Timestamp } from '@musubi/messaging';
import { type History } from './history.js';
import { type Alongside, type Keeping } from './keeping.js';

interface Kept {
  readonly step: CommitStep;
  /** The actions that go on the chain for it; there may be none. */
  readonly drafts: readonly ActionDraft[];
  /** The time that the actions show. */
  readonly at: Timestamp;
  readonly alongside?: Alongside | undefined;
}

export interface KeptMessage extends Kept {
  readonly message: MessageDraft;
  /** The receipts it comes with. Those made by this holder are carried by the drafts. */
  readonly receipts: readonly SignedReceipt[];
}

export interface KeptReceipt extends Kept {
  readonly receipt: SignedReceipt;
}

/** Adds to a history unless it is there; `place` is where the drafts will stand. */
type AddNew = (tx: Sql, place: ChainPlace | null) => Promise<boolean>;

/**
 * Puts messages and receipts on one author's chain and into its history: both in one transaction, or neither,
 * and nothing at all when the history has them.
 */
export class MessageKeeper {
  constructor(
    private readonly chains: SourceChains,
    private readonly history: History,
    private readonly commits: Commits,
  ) {}

  /** @returns false when the holder had the message. @throws HeadMovedError under strict ordering */
  keepMessage(cell: Keeping, kept: KeptMessage): Promise<boolean> {
    const { message, receipts } = kept;
    return this.keep(cell, kept, (tx, place) => {
      const traced = receipts.map((receipt) => ({
        receipt,
        place: receipt.by === cell.keys.agent ? place : null,
      }));
      return this.history.add(tx, cell.keys, { message, receipts: traced });
    });
  }

  /** @returns false when the holder had a receipt of this status. @throws HeadMovedError under strict ordering */
  keepReceipt(cell: Keeping, kept: KeptReceipt): Promise<boolean> {
    const { receipt } = kept;
    return this.keep(cell, kept, (tx, place) => this.history.addReceipt(tx, cell.keys, { receipt, place }));
  }

  private keep({ keys, chain }: Keeping, kept: Kept, addNew: AddNew): Promise<boolean> {
    const { step, drafts, at, alongside } = kept;
    return this.commits.run({ step, agent: keys.agent }, (atCommit) => {
      if (chain === null) {
        return transact(this.history.db, async (tx) => {
          if (!(await addNew(tx, null))) return false;
          await alongside?.(tx);
          await atCommit();
          return true;
        });
      }
      return this.chains.write(chain, async (write: ChainWrite) => {
        if (!(await addNew(write.tx, write.place(drafts.length)))) return false;
        await write.append(drafts, at);
        await alongside?.(write.tx);
        await atCommit();
        return true;
      });
    });
  }
}
