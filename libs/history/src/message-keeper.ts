import {
  type ActionDraft,
  type AtCommit,
  type CommitStep,
  type Commits,
  type SignedAction,
  type SourceChains,
  type StoredAction,
} from '@musubi/cell';
import { type Rows, type Sql, commitRows, transact, violatedConstraint, writeInTurn } from '@musubi/database';
import { type ChainPlace, type MessageDraft, type SignedReceipt, type Timestamp } from '@musubi/messaging';
import { RECEIPT_ONCE } from '@musubi/receipts';
import { type History } from './history.js';
import { MESSAGE_ONCE } from './history.sql.js';
import { type Alongside, type Keeping } from './keeping.js';

interface Kept extends Alongside {
  readonly step: CommitStep;
  /** The actions that go on the chain for it; there may be none. */
  readonly drafts: readonly ActionDraft[];
  /** The time that the actions show. */
  readonly at: Timestamp;
}

export interface KeptMessage extends Kept {
  readonly message: MessageDraft;
  /** The receipts it comes with. Those made by this holder are carried by the drafts. */
  readonly receipts: readonly SignedReceipt[];
}

export interface KeptReceipt extends Kept {
  readonly receipt: SignedReceipt;
}

/** What a history has once it has what is kept; `place` is where the drafts will stand. */
type HistoryRows = (place: ChainPlace | null) => readonly Rows[];

/** Either of these rejects what the history has. */
const REPEATS = [MESSAGE_ONCE, RECEIPT_ONCE];

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

  /** @returns the actions on the chain; `null` when the holder had the message. @throws HeadMovedError under strict ordering */
  keepMessage(cell: Keeping, kept: KeptMessage): Promise<readonly StoredAction[] | null> {
    const { message, receipts } = kept;
    return this.keep(cell, kept, (place) => {
      const traced = receipts.map((receipt) => ({
        receipt,
        place: receipt.by === cell.keys.agent ? place : null,
      }));
      return this.history.rowsOf(cell.keys, { message, receipts: traced });
    });
  }

  /** @returns as `keepMessage`; `null` when the holder had a receipt of this status. @throws HeadMovedError under strict ordering */
  keepReceipt(cell: Keeping, kept: KeptReceipt): Promise<readonly StoredAction[] | null> {
    const { receipt } = kept;
    return this.keep(cell, kept, (place) => this.history.rowsOfReceipt(cell.keys, { receipt, place }));
  }

  private keep(cell: Keeping, kept: Kept, historyRows: HistoryRows): Promise<readonly StoredAction[] | null> {
    const rows: HistoryRows = (place) => [...historyRows(place), ...(kept.rows ?? [])];
    return this.commits.run({ step: kept.step, agent: cell.keys.agent }, async (atCommit) => {
      try {
        const within = inTurn(kept.within, atCommit);
        return withBodies(await this.write(cell, { ...kept, within }, rows), kept.drafts);
      } catch (error) {
        if (REPEATS.includes(violatedConstraint(error) ?? '')) return null;
        throw error;
      }
    });
  }

  private write(
    { chain }: Keeping,
    { drafts, at, within }: Kept,
    rows: HistoryRows,
  ): Promise<readonly SignedAction[]> {
    return chain === null
      ? this.writeRows(rows(null), within)
      : this.chains.append(chain, { drafts, at, rows, within });
  }

  private async writeRows(rows: readonly Rows[], within: Kept['within']): Promise<readonly SignedAction[]> {
    const { db } = this.history;
    if (within === undefined) await commitRows(db, rows);
    else {
      await transact(db, async (tx) => {
        await writeInTurn(tx, rows);
        await within(tx);
      });
    }
    return [];
  }
}

function inTurn(within: Alongside['within'], atCommit: AtCommit | undefined): Alongside['within'] {
  if (within === undefined) return atCommit;
  return async (tx: Sql) => {
    await within(tx);
    await atCommit?.();
  };
}

/** Actions as they are read back: each with the body that was stored for its draft. */
function withBodies(
  actions: readonly SignedAction[],
  drafts: readonly ActionDraft[],
): readonly StoredAction[] {
  return actions.map((signed, index) => {
    const draft = drafts[index];
    return { signed, body: draft?.type === 'create' ? draft.entry.stored : null };
  });
}
