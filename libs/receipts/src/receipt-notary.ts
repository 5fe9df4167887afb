import { type AgentKeys, fromBase64Url, toBase64Url, verify } from '@musubi/crypto';
import {
  type AgentPubKey,
  InvalidMessageError,
  InvalidReceiptError,
  type MessageDraft,
  type MessageId,
  type Notary,
  type Receipt,
  type ReceiptStatus,
  type SignedMessage,
  type SignedReceipt,
  parseSignature,
} from '@musubi/messaging';
import { messageIdOf, receiptBytes } from './signed-bytes.js';

/** Where signing keys come from. */
export interface KeySource {
  /** @throws AgentOfflineError */
  keysOf(agent: AgentPubKey): AgentKeys;
}

/** Signs and verifies with Ed25519. */
export class ReceiptNotary implements Notary {
  constructor(private readonly keys: KeySource) {}

  messageIdOf(draft: MessageDraft): MessageId {
    return messageIdOf(draft);
  }

  signReceipt(receipt: Receipt): SignedReceipt {
    const signature = this.keys.keysOf(receipt.by).sign(receiptBytes(receipt));
    return { ...receipt, signature: parseSignature(toBase64Url(signature)) };
  }

  verifyReceipt(receipt: SignedReceipt, message: MessageDraft): void {
    verifyReceipt(receipt, message);
  }

  verifyMessage({ message, saved }: SignedMessage): void {
    try {
      if (saved.status !== 'saved') throw new InvalidReceiptError('not a saved receipt');
      this.verifyReceipt(saved, message);
    } catch (error) {
      throw new InvalidMessageError('the message is not signed by its author', { cause: error });
    }
  }
}

/** Needs nobody's keys. @throws InvalidReceiptError unless `by` signed it and may state that status of the message */
export function verifyReceipt(receipt: SignedReceipt, message: MessageDraft): void {
  if (receipt.message !== messageIdOf(message)) {
    throw new InvalidReceiptError('the receipt is for another message');
  }
  if (receipt.by !== makerOf(receipt.status, message)) {
    throw new InvalidReceiptError(`${receipt.status} may not be stated by this agent`);
  }
  const signature = fromBase64Url(receipt.signature);
  if (!verify(signature, receiptBytes(receipt), fromBase64Url(receipt.by))) {
    throw new InvalidReceiptError('the signature is not that of the receipt and its maker');
  }
}

/** Whose signature makes a status count. */
export function makerOf(status: ReceiptStatus, message: MessageDraft): AgentPubKey {
  return status === 'saved' ? message.author : message.recipient;
}
