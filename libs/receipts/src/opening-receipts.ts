import {
  InvalidMessageError,
  type MessageDraft,
  type Notary,
  RECEIPT_STATUSES,
  type SignedReceipt,
  type SpaceId,
  type Timestamp,
  messageDraftSchema,
} from '@musubi/messaging';

/** `saved` first, and then whatever holds already. */
export type OpeningReceipts = readonly [SignedReceipt, ...SignedReceipt[]];

/**
 * The receipts a message is saved with: `saved`, signed by its author. A message to oneself is delivered and
 * read in the same act.
 * @throws AgentOfflineError, InvalidMessageError for what no recipient would take
 */
export function openingReceipts(
  notary: Notary,
  message: MessageDraft,
  { at, space }: { readonly at: Timestamp; readonly space: SpaceId },
): OpeningReceipts {
  const { author: by, recipient } = message;
  if (!messageDraftSchema.safeParse(message).success)
    throw new InvalidMessageError('the message is malformed');
  const receipt = { message: notary.messageIdOf(message), by, at, space };
  const saved = notary.signReceipt({ ...receipt, status: 'saved' });
  if (by !== recipient) return [saved];
  const further = RECEIPT_STATUSES.filter((status) => status !== 'saved');
  return [saved, ...further.map((status) => notary.signReceipt({ ...receipt, status }))];
}
