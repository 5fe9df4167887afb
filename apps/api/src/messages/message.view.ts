import { type PageAnchor, type SignedReceipt, type StrategyName, toRfc3339 } from '@musubi/messaging';
import { dayIn } from './reader-day.js';
import { type TrackedMessage } from './message-tracker.js';
import { type MessagePageQuery, type MessageView, type ReceiptView } from './messages.schemas.js';

/** A tracked message as the API shows it. `failed` is the author's own view, and any receipt beats it. */
export function messageView(
  strategy: StrategyName,
  { held: { message, status, receipts, pinned }, delivery, isFailed, isUnread }: TrackedMessage,
): MessageView {
  return {
    id: message.id,
    strategy,
    author: message.author,
    recipient: message.recipient,
    payload: message.payload,
    replyTo: message.replyTo,
    sentAt: toRfc3339(message.sentAt),
    nonce: message.nonce,
    status: isFailed ? 'failed' : status,
    receipts: receipts.map(receiptView),
    unread: isUnread,
    pinned: pinned === true,
    ...(delivery === undefined ? {} : { delivery }),
  };
}

export function receiptView({ message, status, by, at, space, signature }: SignedReceipt): ReceiptView {
  return { message, status, by, at: toRfc3339(at), space, signature };
}

/** Where a page stands; the schema has made sure that at most one of the four is given. */
export function anchorOf({ before, after, around, on, zone }: MessagePageQuery): PageAnchor {
  if (before !== undefined) return { at: 'before', cursor: before };
  if (after !== undefined) return { at: 'after', cursor: after };
  if (around !== undefined) return { at: 'around', message: around };
  if (on !== undefined) return dayIn(zone ?? 'UTC', on);
  return { at: 'latest' };
}
