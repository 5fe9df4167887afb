import {
  type AgentPubKey,
  type MessageId,
  parseAgentPubKey,
  parseMessageId,
  parseSignature,
  parseSpaceId,
} from './ids.js';
import { RECEIPT_STATUSES, type SignedReceipt } from './receipt.js';
import { parseTimestamp } from './time.js';

/**
 * What a user interface is told after a commit. Lossy, and never the truth: it names what to read again and
 * carries no message text, since it may pass through other machines.
 */
export type UiSignal =
  | {
      readonly type: 'message';
      readonly strategy: string;
      readonly message: MessageId;
      readonly from: AgentPubKey;
    }
  | ReceiptSignal
  /** The agent itself sent, read, deleted or retried it, perhaps on another device. */
  | { readonly type: 'change'; readonly strategy: string; readonly message: MessageId }
  /** The patience is over, or the recipient refused for good: retry or delete it. */
  | { readonly type: 'delivery-failed'; readonly strategy: string; readonly message: MessageId };

/** With the receipt itself, which is its maker's statement whichever way it comes. */
export type ReceiptSignal = Omit<SignedReceipt, 'at'> & {
  readonly type: 'receipt';
  readonly strategy: string;
  /** Microseconds, in decimal digits. */
  readonly at: string;
};

/** Of what an agent did itself: it may have other devices. */
export function changeSignal(strategy: string, message: MessageId): UiSignal {
  return { type: 'change', strategy, message };
}

export function receiptSignal(strategy: string, receipt: SignedReceipt): ReceiptSignal {
  return { type: 'receipt', strategy, ...receipt, at: String(receipt.at) };
}

/**
 * The receipt that a signal tells of, its signature unchecked; `null` where it tells of none.
 * @throws TypeError for one that is malformed
 */
export function receiptOfSignal(signal: Readonly<Record<string, string>>): SignedReceipt | null {
  const status = RECEIPT_STATUSES.find((one) => one === signal['status']);
  if (signal['type'] !== 'receipt' || status === undefined) return null;
  const { message = '', by = '', at = '', space = '', signature = '' } = signal;
  return {
    message: parseMessageId(message),
    status,
    by: parseAgentPubKey(by),
    at: parseTimestamp(Number(at)),
    space: parseSpaceId(space),
    signature: parseSignature(signature),
  };
}
