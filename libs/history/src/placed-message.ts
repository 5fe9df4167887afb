import {
  type HeldMessage,
  type Message,
  type MessageDraft,
  MessageNotFoundError,
  type ReceiptStatus,
  payloadBytes,
} from '@musubi/messaging';
import { type StoredReceipt, type PlacedReceipt, messageIdOf, statusOf } from '@musubi/receipts';

/** A held message whose receipts tell where their actions stand on the holder's chain. */
export interface PlacedMessage {
  readonly message: Message;
  readonly status: ReceiptStatus;
  readonly receipts: readonly PlacedReceipt[];
  readonly pinned?: true;
}

/** The message's receipt of that status. @throws MessageNotFoundError when there is none */
export function receiptOf({ receipts }: PlacedMessage, status: ReceiptStatus): PlacedReceipt {
  const found = receipts.find(({ receipt }) => receipt.status === status);
  if (found === undefined) throw new MessageNotFoundError(`this agent holds no ${status} receipt of it`);
  return found;
}

/** The message's highest receipt. @throws MessageNotFoundError when there is none */
export function highestReceiptOf({ receipts }: PlacedMessage): PlacedReceipt {
  const highest = receipts.at(-1);
  if (highest === undefined) throw new MessageNotFoundError('this agent holds no receipt of it');
  return highest;
}

/** What a row and the receipts beside it say. */
export interface UnsealedRow {
  /** With the receipts that can be read; `null` when the message itself cannot. */
  readonly found: PlacedMessage | null;
  /** Some of it cannot be read. */
  readonly isDamaged: boolean;
}

export interface SizedRow extends UnsealedRow {
  /** What the message takes of its page. */
  readonly bytes: number;
}

/** Only receipts that can be read count: a status without its signature is nobody's word. */
export function unsealed(
  message: MessageDraft | null,
  stored: readonly StoredReceipt[],
  isPinned: boolean,
): UnsealedRow {
  const receipts = stored.filter((receipt) => receipt !== null);
  const isDamaged = message === null || receipts.length < stored.length;
  if (message === null) return { found: null, isDamaged };
  const status = statusOf(receipts.map(({ receipt }) => receipt));
  const pinned = isPinned ? ({ pinned: true } as const) : {};
  const found = { message: { id: messageIdOf(message), ...message }, status, receipts, ...pinned };
  return { found, isDamaged };
}

/** As its holder is shown it. */
export function held({ receipts, ...placed }: PlacedMessage): HeldMessage {
  return { ...placed, receipts: receipts.map(({ receipt }) => receipt) };
}

/** What a message takes of its page; nothing where it cannot be read. */
export function bytesOf(message: PlacedMessage | null): number {
  return message === null ? 0 : payloadBytes(message.message.payload);
}
