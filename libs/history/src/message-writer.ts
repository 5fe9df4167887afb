import {
  type ActionDraft,
  type AtCommit,
  type CommitStep,
  type CommitHooks,
  FILE_USE_ONCE,
  type SignedAction,
  type SourceChains,
  type StoredAction,
  isMovedAgent,
  movedError,
} from '@musubi/cell';
import { type Rows, commitRows, transact, violatedConstraint, writeInTurn } from '@musubi/database';
import { type ChainPlace, type MessageDraft, type SignedReceipt, type Timestamp } from '@musubi/messaging';
import { RECEIPT_ONCE } from '@musubi/receipts';
import { type History } from './history.js';
import { MESSAGE_ONCE } from './history.sql.js';
import { PIN_SEEN } from './pin.store.js';
import { type Writer } from './writes.js';

interface Write {
  readonly step: CommitStep;
  /** The actions that go on the chain for it; there may be none. */
  readonly drafts: readonly ActionDraft[];
  /** The time that the actions show. */
  readonly at: Timestamp;
  /** Rows of a strategy's own that commit together with it. */
  readonly rows?: readonly Rows[] | undefined;
}

interface MessageWrite extends Write {
  readonly message: MessageDraft;
  /** The receipts it comes with. Those made by this holder are carried by the drafts. */
  readonly receipts: readonly SignedReceipt[];
}

interface ReceiptWrite extends Write {
  readonly receipt: SignedReceipt;
}

interface PinWrite extends Omit<Write, 'step'> {
  /** What puts the statement in its place; its place on the chain is where the drafts will stand. */
  readonly pinRows: HistoryRows;
}

/** The rows that a history gets; `place` is where the drafts will stand. */
type HistoryRows = (place: ChainPlace | null) => readonly Rows[];

interface Writing extends Pick<Write, 'drafts' | 'at'> {
  readonly rows: HistoryRows;
  readonly atCommit: AtCommit | undefined;
}

/** Each of these rejects what the history has already; which one does so first is the database's matter. */
const REPEATS = [MESSAGE_ONCE, RECEIPT_ONCE, FILE_USE_ONCE, PIN_SEEN];

/**
 * Puts messages and receipts on one author's chain and into its history: both in one transaction, or neither,
 * and nothing at all when the history has them.
 */
export class MessageWriter {
  constructor(
    private readonly chains: SourceChains,
    private readonly history: History,
    private readonly commits: CommitHooks,
  ) {}

  /** @returns the actions on the chain; `null` when the holder had the message. @throws HeadMovedError under strict ordering */
  writeMessage(cell: Writer, write: MessageWrite): Promise<readonly StoredAction[] | null> {
    const { message, receipts } = write;
    return this.commit(cell, write, (place) => {
      const placed = receipts.map((receipt) => ({
        receipt,
        place: receipt.by === cell.keys.agent ? place : null,
      }));
      return this.history.rowsOf(cell.keys, { message, receipts: placed });
    });
  }

  /** @returns as `writeMessage`; `null` when the holder had a receipt of this status. @throws HeadMovedError under strict ordering */
  writeReceipt(cell: Writer, write: ReceiptWrite): Promise<readonly StoredAction[] | null> {
    const { receipt } = write;
    return this.commit(cell, write, (place) => this.history.rowsOfReceipt(cell.keys, { receipt, place }));
  }

  /** @returns as `writeMessage`; `null` when another statement holds than was seen. @throws HeadMovedError under strict ordering */
  writePin(cell: Writer, { pinRows, ...write }: PinWrite): Promise<readonly StoredAction[] | null> {
    return this.commit(cell, { ...write, step: 'pin' }, pinRows);
  }

  private commit(
    cell: Writer,
    write: Write,
    historyRows: HistoryRows,
  ): Promise<readonly StoredAction[] | null> {
    const rows: HistoryRows = (place) => [...historyRows(place), ...(write.rows ?? [])];
    return this.commits.run({ step: write.step, agent: cell.keys.agent }, async (atCommit) => {
      try {
        return withBodies(await this.write(cell, { ...write, rows, atCommit }), write.drafts);
      } catch (error) {
        if (REPEATS.includes(violatedConstraint(error) ?? '')) return null;
        if (isMovedAgent(error)) throw movedError(error);
        throw error;
      }
    });
  }

  private write(
    { chain }: Writer,
    { drafts, at, rows, atCommit }: Writing,
  ): Promise<readonly SignedAction[]> {
    return chain === null
      ? this.writeRows(rows(null), atCommit)
      : this.chains.append(chain, { drafts, at, rows, within: atCommit });
  }

  private async writeRows(
    rows: readonly Rows[],
    atCommit: AtCommit | undefined,
  ): Promise<readonly SignedAction[]> {
    const { db } = this.history;
    if (atCommit === undefined) await commitRows(db, rows);
    else {
      await transact(db, async (tx) => {
        await writeInTurn(tx, rows);
        await atCommit(tx);
      });
    }
    return [];
  }
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
