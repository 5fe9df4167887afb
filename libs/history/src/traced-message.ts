import { type Message, type MessageDraft, MessageNotFoundError, type ReceiptStatus } from '@musubi/messaging';
import { type TracedReceipt, messageIdOf, statusOf } from '@musubi/receipts';

/** A held message whose receipts tell where their actions stand on the holder's chain. */
export interface TracedMessage {
  readonly message: Message;
  readonly status: ReceiptStatus;
  readonly receipts: readonly TracedReceipt[];
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

export function traced(message: MessageDraft, receipts: readonly TracedReceipt[]): TracedMessage {
  const status = statusOf(receipts.map(({ receipt }) => receipt));
  return { message: { id: messageIdOf(message), ...message }, status, receipts };
}
