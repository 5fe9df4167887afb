import { type Rows } from '@musubi/database';
import { type AgentKeys, fromBase64Url, mapInSlices, toBase64Url } from '@musubi/crypto';
import {
  type AgentPubKey,
  MessageDeletedError,
  type MessageDraft,
  type MessageId,
  MessageNotFoundError,
  type MessageRef,
  MessageUnreadableError,
  type ReceiptStatus,
} from '@musubi/messaging';
import { type KeySource, ReceiptStore, type PlacedReceipt, blindedKey, messageIdOf } from '@musubi/receipts';
import { type DataSource } from 'typeorm';

import { type FoundRow, type SealedRow } from './history-row.js';
import { openMessage, sealMessage } from './sealed-message.js';
import {
  type SizedRow,
  type PlacedMessage,
  bytesOf,
  highestReceiptOf,
  receiptOf,
  unsealed,
} from './placed-message.js';
import { BURY, FIND, type HeldRow, INSERT_MESSAGES, markChanged } from './history.sql.js';
import { PinStore, pinnedAmong } from './pin.store.js';
import { UnreadMarks } from './unread-marks.js';

/** Of the history's placement, where it does not say so. */
type PlacedRow = SealedRow & { readonly placement?: string };

export interface NewMessage {
  readonly message: MessageDraft;
  readonly receipts: readonly PlacedReceipt[];
}

/**
 * What each agent has of one placement's messages, ready to be read: a projection of its chain, kept in the
 * same transaction, which answers pages without touching the chain.
 */
export class History {
  readonly receipts = new ReceiptStore();
  readonly unread: UnreadMarks;
  readonly pins: PinStore;

  constructor(
    readonly db: DataSource,
    readonly keys: KeySource,
    readonly placement: string,
  ) {
    this.unread = new UnreadMarks(db, placement);
    this.pins = new PinStore(db, placement);
  }

  /**
   * A message with its receipts, as rows for its holder's history. They come first in their transaction, since they
   * tell whether there is anything to write: simultaneous repeats wait there for the first, and violate MESSAGE_ONCE.
   */
  rowsOf(holder: AgentKeys, { message, receipts }: NewMessage): readonly Rows[] {
    const isIncoming = message.author !== holder.agent;
    const key = blindedKey(holder, messageIdOf(message));
    const conversation = conversationKey(holder, isIncoming ? message.author : message.recipient);
    const row = [
      fromBase64Url(holder.agent),
      this.placement,
      key,
      conversation,
      holder.positionOf(message.sentAt),
      sealMessage(holder, message),
    ];
    const marks = isIncoming ? [this.unread.rowsOf(holder, { key, conversation })] : [];
    return [{ statement: INSERT_MESSAGES, rows: [row] }, this.receipts.rowsOf(holder, receipts), ...marks];
  }

  /** A verified receipt to a message that its holder has. A second one of its status violates RECEIPT_ONCE, or READING_ONCE. */
  rowsOfReceipt(holder: AgentKeys, traced: PlacedReceipt): readonly Rows[] {
    const { message, status, by } = traced.receipt;
    const isOwnReading = status === 'read' && by === holder.agent;
    const read = isOwnReading ? [this.unread.takenBy(holder, blindedKey(holder, message))] : [];
    return [this.receipts.rowsOf(holder, [traced]), this.changed(holder, message), ...read];
  }

  /** The holder has read a message, and tells nobody. A second time violates READING_ONCE. */
  rowsOfReading(holder: AgentKeys, message: MessageId): readonly Rows[] {
    return [this.changed(holder, message), this.unread.takenBy(holder, blindedKey(holder, message))];
  }

  /** Something that is shown with a message has changed, and is kept elsewhere. Not beside what changes its row. */
  changed(holder: AgentKeys, message: MessageId): Rows {
    return markChanged([this.nameOf(holder, message)]);
  }

  /** Be it under a tombstone. @throws MessageNotFoundError, MessageUnreadableError, AgentOfflineError */
  async find(ref: MessageRef): Promise<PlacedMessage> {
    return (await this.lookUp(this.keys.keysOf(ref.holder), ref.message)).found;
  }

  /** @throws MessageNotFoundError, MessageDeletedError, MessageUnreadableError, AgentOfflineError */
  async findListed(ref: MessageRef): Promise<PlacedMessage> {
    const { found, isDeleted } = await this.lookUp(this.keys.keysOf(ref.holder), ref.message);
    if (isDeleted) throw new MessageDeletedError('this agent deleted the message');
    return found;
  }

  /** Whether the holder has the message, be it under a tombstone. @throws AgentOfflineError */
  async has({ holder, message }: MessageRef): Promise<boolean> {
    const rows = await this.db.query<unknown[]>(
      'select 1 from history where holder = $1 and placement = $2 and key = $3',
      [fromBase64Url(holder), this.placement, blindedKey(this.keys.keysOf(holder), message)],
    );
    return rows.length === 1;
  }

  /** Whether the holder has a receipt of that status. @throws AgentOfflineError */
  hasReceipt({ holder, message }: MessageRef, status: ReceiptStatus): Promise<boolean> {
    return this.receipts.has(this.db, this.keys.keysOf(holder), { message, status });
  }

  /** @throws MessageNotFoundError, AgentOfflineError */
  async findRow(ref: MessageRef): Promise<FoundRow> {
    const holder = this.keys.keysOf(ref.holder);
    const [row] = await this.db.query<FoundRow[]>(
      'select key, conversation, position, is_deleted, sealed from history where holder = $1 and placement = $2 and key = $3',
      [fromBase64Url(holder.agent), this.placement, blindedKey(holder, ref.message)],
    );
    if (row === undefined) throw new MessageNotFoundError('this agent holds no such message');
    return row;
  }

  /** A tombstone on a message: it is listed and found no more; its receipts stay. */
  tombstone({ holder, message }: MessageRef): readonly Rows[] {
    const keys = this.keys.keysOf(holder);
    const name = this.nameOf(keys, message);
    const bury = { statement: BURY, rows: [name] };
    return [bury, this.pins.hidden(name), this.unread.removalOf(keys, blindedKey(keys, message))];
  }

  /** A message that the holder wrote. @throws MessageNotFoundError, AgentOfflineError */
  async findSent(ref: MessageRef): Promise<PlacedMessage> {
    const held = await this.find(ref);
    if (held.message.author !== ref.holder) throw new MessageNotFoundError('this agent did not write it');
    return held;
  }

  /** A message that the holder received. @throws MessageNotFoundError, AgentOfflineError */
  async findReceived(ref: MessageRef): Promise<PlacedMessage> {
    const held = await this.find(ref);
    if (held.message.recipient !== ref.holder)
      throw new MessageNotFoundError('this agent did not receive it');
    return held;
  }

  /** The highest receipt that the holder has for a message of the caller's; `null` when it has no such message. */
  async receiptFor(caller: AgentPubKey, ref: MessageRef): Promise<PlacedReceipt | null> {
    try {
      const held = await this.findReceived(ref);
      return held.message.author === caller ? highestReceiptOf(held) : null;
    } catch (error) {
      if (error instanceof MessageNotFoundError) return null;
      throw error;
    }
  }

  /** The holder's receipt of that status. @throws MessageNotFoundError when it has none */
  async receipt(ref: MessageRef, status: ReceiptStatus): Promise<PlacedReceipt> {
    return this.receiptWith(this.keys.keysOf(ref.holder), ref.message, status);
  }

  /** The same, with keys that the caller holds: whatever has become of their agent meanwhile. */
  async receiptWith(holder: AgentKeys, message: MessageId, status: ReceiptStatus): Promise<PlacedReceipt> {
    return receiptOf((await this.lookUp(holder, message)).found, status);
  }

  /** Messages of rows, in the rows' order, with their receipts. */
  async unseal(holder: AgentKeys, rows: readonly PlacedRow[]): Promise<readonly SizedRow[]> {
    const keys = rows.map(({ key }) => key);
    const [receiptsByKey, isPinned] = await Promise.all([
      this.receipts.ofKeys(this.db, holder, keys),
      pinnedAmong(this.db, holder, keys),
    ]);
    return mapInSlices(
      rows,
      ({ sealed }) => sealed.length,
      ({ key, sealed, placement = this.placement }) => {
        const receipts = receiptsByKey.get(toBase64Url(key)) ?? [];
        const row = unsealed(openMessage(holder, sealed), receipts, isPinned(placement, key));
        return { ...row, bytes: bytesOf(row.found) };
      },
    );
  }

  private nameOf(holder: AgentKeys, message: MessageId): readonly unknown[] {
    return [fromBase64Url(holder.agent), this.placement, blindedKey(holder, message)];
  }

  private async lookUp(
    holder: AgentKeys,
    message: MessageId,
  ): Promise<{ found: PlacedMessage; isDeleted: boolean }> {
    const rows = await this.db.query<HeldRow[]>(FIND, [
      fromBase64Url(holder.agent),
      this.placement,
      blindedKey(holder, message),
    ]);
    const [row] = rows;
    if (row === undefined) throw new MessageNotFoundError('this agent holds no such message');
    const receipts = rows.flatMap(({ receipt }) =>
      receipt === null ? [] : [this.receipts.open(holder, receipt)],
    );
    const { found } = unsealed(openMessage(holder, row.sealed), receipts, row.is_pinned);
    if (found === null) throw new MessageUnreadableError('what is stored of this message cannot be read');
    return { found, isDeleted: row.is_deleted };
  }
}

/** The name of a conversation in its holder's tables. */
export function conversationKey(holder: AgentKeys, peer: AgentPubKey): Uint8Array {
  return holder.blind('musubi/conversation', fromBase64Url(peer));
}
