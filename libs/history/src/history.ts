import { type Sql } from '@musubi/database';
import { type AgentKeys, decodeCanonical, encodeCanonical, fromBase64Url, toBase64Url } from '@musubi/crypto';
import {
  type AgentPubKey,
  type Message,
  type MessageDraft,
  MessageNotFoundError,
  type MessageRef,
  type ReceiptStatus,
  type SignedReceipt,
  messageDraftSchema,
} from '@musubi/messaging';
import {
  type KeySource,
  ReceiptStore,
  type TracedReceipt,
  blindedKey,
  messageIdOf,
  statusOf,
} from '@musubi/receipts';
import { type DataSource } from 'typeorm';

import { type FoundRow, type SealedRow } from './history-row.js';

/** A held message whose receipts tell where their actions stand on the holder's chain. */
export interface TracedMessage {
  readonly message: Message;
  readonly status: ReceiptStatus;
  readonly receipts: readonly TracedReceipt[];
}

export interface NewMessage {
  readonly message: MessageDraft;
  readonly receipts: readonly TracedReceipt[];
}

const INSERT = `
  insert into history (holder, placement, key, conversation, position, is_unread, is_deleted, sealed)
  values ($1, $2, $3, $4, $5, $6, false, $7)
  on conflict on constraint history_message_once do nothing
  returning key`;

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
   * Adds a message with its receipts to its holder's history. First of the transaction's writes, since it is
   * what tells whether there is anything to write: simultaneous repeats wait here for the first.
   * @returns false, and adds nothing, when the holder has the message
   */
  async add(tx: Sql, holder: AgentKeys, { message, receipts }: NewMessage): Promise<boolean> {
    const isIncoming = message.author !== holder.agent;
    const rows = await tx.query<unknown[]>(INSERT, [
      fromBase64Url(holder.agent),
      this.placement,
      blindedKey(holder, messageIdOf(message)),
      conversationKey(holder, isIncoming ? message.author : message.recipient),
      holder.positionOf(message.sentAt),
      isIncoming,
      holder.seal(encodeMessage(message), HISTORY_DOMAIN),
    ]);
    if (rows.length === 0) return false;
    await this.receipts.add(tx, holder, receipts);
    return true;
  }

  /** Adds a verified receipt to a message that its holder has. @returns false when there is one of its status */
  async addReceipt(tx: Sql, holder: AgentKeys, traced: TracedReceipt): Promise<boolean> {
    const isNew = (await this.receipts.add(tx, holder, [traced])) === 1;
    if (isNew && traced.receipt.status === 'read') await this.markRead(tx, holder, traced.receipt);
    return isNew;
  }

  /** @throws MessageNotFoundError, AgentOfflineError */
  async find(ref: MessageRef): Promise<TracedMessage> {
    const [found] = await this.unseal(this.keys.keysOf(ref.holder), [await this.findRow(ref)]);
    if (found === undefined) throw new MessageNotFoundError('this agent holds no such message');
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

  /** Puts a tombstone on a message: it is listed and found no more; its receipts stay. */
  async bury(tx: Sql, { holder, message }: MessageRef): Promise<void> {
    const keys = this.keys.keysOf(holder);
    await tx.query(
      'update history set is_deleted = true, is_unread = false where holder = $1 and placement = $2 and key = $3',
      [fromBase64Url(holder), this.placement, blindedKey(keys, message)],
    );
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

  /** The holder's receipt of that status. @throws MessageNotFoundError when it has none */
  async receipt(ref: MessageRef, status: ReceiptStatus): Promise<TracedReceipt> {
    return receiptOf(await this.find(ref), status);
  }

  /** Messages of rows, in the rows' order, with their receipts. */
  async unseal(holder: AgentKeys, rows: readonly SealedRow[]): Promise<readonly TracedMessage[]> {
    const keys = rows.map(({ key }) => key);
    const receiptsByKey = await this.receipts.ofKeys(this.db, holder, keys);
    return rows.map(({ key, sealed }) => {
      const message = decodeMessage(holder.open(sealed, HISTORY_DOMAIN));
      const receipts = receiptsByKey.get(toBase64Url(key)) ?? [];
      const status = statusOf(receipts.map(({ receipt }) => receipt));
      return { message: { id: messageIdOf(message), ...message }, status, receipts };
    });
  }

  private async markRead(tx: Sql, holder: AgentKeys, receipt: SignedReceipt): Promise<void> {
    await tx.query(
      'update history set is_unread = false where holder = $1 and placement = $2 and key = $3 and is_unread',
      [fromBase64Url(holder.agent), this.placement, blindedKey(holder, receipt.message)],
    );
  }
}

const HISTORY_DOMAIN = 'musubi/history';

/** The name of a conversation in its holder's tables. */
export function conversationKey(holder: AgentKeys, peer: AgentPubKey): Uint8Array {
  return holder.blind('musubi/conversation', fromBase64Url(peer));
}

/** The message's receipt of that status. @throws MessageNotFoundError when there is none */
export function receiptOf({ receipts }: TracedMessage, status: ReceiptStatus): TracedReceipt {
  const found = receipts.find(({ receipt }) => receipt.status === status);
  if (found === undefined) throw new MessageNotFoundError(`this agent holds no ${status} receipt of it`);
  return found;
}

/** The message's highest receipt. @throws MessageNotFoundError when there is none */
export function highestReceiptOf({ receipts }: TracedMessage): TracedReceipt {
  const highest = receipts.at(-1);
  if (highest === undefined) throw new MessageNotFoundError('this agent holds no receipt of it');
  return highest;
}

function encodeMessage({ author, recipient, payload, replyTo, sentAt, nonce }: MessageDraft): Uint8Array {
  return encodeCanonical({ author, recipient, payload, replyTo, sentAt, nonce });
}

function decodeMessage(bytes: Uint8Array): MessageDraft {
  return messageDraftSchema.parse(decodeCanonical(bytes));
}
