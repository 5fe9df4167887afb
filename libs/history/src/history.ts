import { type Rows } from '@musubi/database';
import { type AgentKeys, decodeCanonical, encodeCanonical, fromBase64Url, toBase64Url } from '@musubi/crypto';
import {
  type AgentPubKey,
  MessageDeletedError,
  type MessageDraft,
  MessageNotFoundError,
  type MessageRef,
  type ReceiptStatus,
  messageDraftSchema,
} from '@musubi/messaging';
import { type KeySource, ReceiptStore, type TracedReceipt, blindedKey, messageIdOf } from '@musubi/receipts';
import { type DataSource } from 'typeorm';

import { type FoundRow, type SealedRow } from './history-row.js';
import { type TracedMessage, highestReceiptOf, receiptOf, traced } from './traced-message.js';
import { BURY, FIND, type HeldRow, INSERT_MESSAGES, MARK_READ } from './history.sql.js';

export interface NewMessage {
  readonly message: MessageDraft;
  readonly receipts: readonly TracedReceipt[];
}

/**
 * What each agent has of one placement's messages, ready to be read: a projection of its chain, kept in the
 * same transaction, which answers pages without touching the chain.
 */
export class History {
  readonly receipts = new ReceiptStore();

  constructor(
    readonly db: DataSource,
    readonly keys: KeySource,
    readonly placement: string,
  ) {}

  /**
   * A message with its receipts, as rows for its holder's history. They come first in their transaction, since they
   * tell whether there is anything to write: simultaneous repeats wait there for the first, and violate MESSAGE_ONCE.
   */
  rowsOf(holder: AgentKeys, { message, receipts }: NewMessage): readonly Rows[] {
    const isIncoming = message.author !== holder.agent;
    const row = [
      fromBase64Url(holder.agent),
      this.placement,
      blindedKey(holder, messageIdOf(message)),
      conversationKey(holder, isIncoming ? message.author : message.recipient),
      holder.positionOf(message.sentAt),
      isIncoming,
      holder.seal(encodeMessage(message), HISTORY_DOMAIN),
    ];
    return [{ statement: INSERT_MESSAGES, rows: [row] }, this.receipts.rowsOf(holder, receipts)];
  }

  /** A verified receipt to a message that its holder has. A second one of its status violates RECEIPT_ONCE. */
  rowsOfReceipt(holder: AgentKeys, traced: TracedReceipt): readonly Rows[] {
    const { message, status } = traced.receipt;
    const row = [fromBase64Url(holder.agent), this.placement, blindedKey(holder, message)];
    const seen = { statement: MARK_READ, rows: status === 'read' ? [row] : [] };
    return [this.receipts.rowsOf(holder, [traced]), seen];
  }

  /** Be it under a tombstone. @throws MessageNotFoundError, AgentOfflineError */
  async find(ref: MessageRef): Promise<TracedMessage> {
    return (await this.lookUp(ref)).found;
  }

  /** @throws MessageNotFoundError, MessageDeletedError, AgentOfflineError */
  async findListed(ref: MessageRef): Promise<TracedMessage> {
    const { found, isDeleted } = await this.lookUp(ref);
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
  tombstone({ holder, message }: MessageRef): Rows {
    const keys = this.keys.keysOf(holder);
    return { statement: BURY, rows: [[fromBase64Url(holder), this.placement, blindedKey(keys, message)]] };
  }

  /** A message that the holder wrote. @throws MessageNotFoundError, AgentOfflineError */
  async findSent(ref: MessageRef): Promise<TracedMessage> {
    const held = await this.find(ref);
    if (held.message.author !== ref.holder) throw new MessageNotFoundError('this agent did not write it');
    return held;
  }

  /** A message that the holder received. @throws MessageNotFoundError, AgentOfflineError */
  async findReceived(ref: MessageRef): Promise<TracedMessage> {
    const held = await this.find(ref);
    if (held.message.recipient !== ref.holder)
      throw new MessageNotFoundError('this agent did not receive it');
    return held;
  }

  /** The highest receipt that the holder has for a message of the caller's; `null` when it has no such message. */
  async receiptFor(caller: AgentPubKey, ref: MessageRef): Promise<TracedReceipt | null> {
    try {
      const held = await this.findReceived(ref);
      return held.message.author === caller ? highestReceiptOf(held) : null;
    } catch (error) {
      if (error instanceof MessageNotFoundError) return null;
      throw error;
    }
  }

  /** The holder's receipt of that status. @throws MessageNotFoundError when it has none */
  async receipt(ref: MessageRef, status: ReceiptStatus): Promise<TracedReceipt> {
    return receiptOf(await this.find(ref), status);
  }

  /** Messages of rows, in the rows' order, with their receipts. */
  async unseal(holder: AgentKeys, rows: readonly SealedRow[]): Promise<readonly TracedMessage[]> {
    const keys = rows.map(({ key }) => key);
    const receiptsByKey = await this.receipts.ofKeys(this.db, holder, keys);
    return rows.map(({ key, sealed }) =>
      traced(decodeMessage(holder.open(sealed, HISTORY_DOMAIN)), receiptsByKey.get(toBase64Url(key)) ?? []),
    );
  }

  private async lookUp(ref: MessageRef): Promise<{ found: TracedMessage; isDeleted: boolean }> {
    const holder = this.keys.keysOf(ref.holder);
    const rows = await this.db.query<HeldRow[]>(FIND, [
      fromBase64Url(holder.agent),
      this.placement,
      blindedKey(holder, ref.message),
    ]);
    const [row] = rows;
    if (row === undefined) throw new MessageNotFoundError('this agent holds no such message');
    const receipts = rows.flatMap(({ receipt }) =>
      receipt === null ? [] : [this.receipts.unseal(holder, receipt)],
    );
    const message = decodeMessage(holder.open(row.sealed, HISTORY_DOMAIN));
    return { found: traced(message, receipts), isDeleted: row.is_deleted };
  }
}

const HISTORY_DOMAIN = 'musubi/history';

/** The name of a conversation in its holder's tables. */
export function conversationKey(holder: AgentKeys, peer: AgentPubKey): Uint8Array {
  return holder.blind('musubi/conversation', fromBase64Url(peer));
}

function encodeMessage({ author, recipient, payload, replyTo, sentAt, nonce }: MessageDraft): Uint8Array {
  return encodeCanonical({ author, recipient, payload, replyTo, sentAt, nonce });
}

function decodeMessage(bytes: Uint8Array): MessageDraft {
  return messageDraftSchema.parse(decodeCanonical(bytes));
}
