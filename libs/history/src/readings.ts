import { type NodeContext } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Rows, commitRows, violatedConstraint } from '@musubi/database';
import { type AgentPubKey, type MessageRef, type SignedReceipt, changeSignal } from '@musubi/messaging';
import { type ReceiptNotary, receiptEnvelope } from '@musubi/receipts';
import { type History } from './history.js';
import { type MessageWriter } from './message-writer.js';
import { type Placement } from './placement.js';
import { READING_ONCE } from './unread-marks.sql.js';
import { type Cell } from './writes.js';

interface ReadingsParts<Of extends Cell> {
  readonly node: NodeContext;
  readonly placement: Placement<Of>;
  readonly history: History;
  readonly notary: ReceiptNotary;
  readonly keeper: MessageWriter;
}

/**
 * What a reader commits: a receipt for the author, or only that a message is not unread any more. Either takes the unread
 * mark, so that a message is read once, whatever the switches were in between.
 */
export class Readings<Of extends Cell> {
  constructor(private readonly parts: ReadingsParts<Of>) {}

  /** @returns the stored receipt, if there is one @throws MessageNotFoundError, MessageDeletedError */
  async read(ref: MessageRef): Promise<SignedReceipt | null> {
    try {
      return await this.readNow(ref);
    } catch (error) {
      // Read or deleted meanwhile, so that this time it is seen.
      if (violatedConstraint(error) !== READING_ONCE) throw error;
      return this.readNow(ref);
    }
  }

  private async readNow(ref: MessageRef): Promise<SignedReceipt | null> {
    const { history, node } = this.parts;
    const keys = node.keyring.keysOf(ref.holder);
    // Before the receipts: another reading has taken the mark with the receipt.
    const unread = await history.unread.among(keys, [ref.message]);
    const { message, receipts } = await history.findReceived(ref);
    const stored = receipts.find(({ receipt }) => receipt.status === 'read');
    if (stored !== undefined) return stored.receipt;
    if (!unread.has(ref.message)) {
      // Its mark went with a reading that told nobody, or with a deletion.
      await history.findListed(ref);
      return null;
    }
    return node.writers.reading.mark(keys, message.author, {
      tell: (rows) => this.tellRead(ref, message.author, rows),
      keep: (rows) => this.keepRead(keys, ref, rows),
    });
  }

  private async tellRead(
    { holder, message }: MessageRef,
    author: AgentPubKey,
    extras: readonly Rows[],
  ): Promise<SignedReceipt> {
    const { history, keeper, node, notary, placement } = this.parts;
    const { strategy } = placement;
    const cell = await placement.cellFor(holder, author);
    const made = { at: node.clock.now(), by: holder, space: cell.chain.space };
    const receipt = notary.signReceipt({ message, status: 'read', ...made });
    const drafts = placement.draftsOf([receiptEnvelope(receipt)], cell, author);
    const entry = node.outbox.enqueue(cell.keys, { strategy, message, step: 'read', peer: author });
    const at = placement.actionTime(receipt.at, cell);
    const kept = { step: 'read', receipt, drafts, at, rows: [...extras, ...entry] } as const;
    if ((await keeper.writeReceipt(cell, kept)) === null)
      return (await history.receiptWith(cell.keys, message, 'read')).receipt;
    node.signals.emit(holder, changeSignal(strategy, message));
    return receipt;
  }

  private async keepRead(keys: AgentKeys, ref: MessageRef, extras: readonly Rows[]): Promise<null> {
    const { history, node, placement } = this.parts;
    await commitRows(node.db, [...extras, ...history.rowsOfReading(keys, ref.message)]);
    node.signals.emit(ref.holder, changeSignal(placement.strategy, ref.message));
    return null;
  }
}
