import { type Correspondence } from '@musubi/history';
import { type MessageRef, type SignedMessage, type SignedReceipt } from '@musubi/messaging';

/** A message as its author holds it. */
export interface SentMessage extends SignedMessage {
  /** `delivered` or higher, once the author has learnt of it. */
  readonly delivered: SignedReceipt | undefined;
}

/** @throws MessageNotFoundError, MessageDeletedError */
export async function sentMessage(own: Correspondence, ref: MessageRef): Promise<SentMessage> {
  const { message, receipts } = await own.sent.find(ref);
  const [saved, delivered] = receipts;
  if (saved === undefined) throw new Error('a message is never stored without its saved receipt');
  return { message, saved: saved.receipt, delivered: delivered?.receipt };
}
