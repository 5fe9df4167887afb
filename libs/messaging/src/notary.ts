import { type AgentPubKey, type MessageId } from './ids.js';
import { type MessageDraft, type SignedMessage } from './message.js';
import { type Receipt, type SignedReceipt } from './receipt.js';

/** Names messages and signs and checks receipts, for agents whose keys are unlocked on this node. */
export interface Notary {
  messageIdOf(draft: MessageDraft): MessageId;
  /** @throws AgentOfflineError when the maker's key is not unlocked */
  signReceipt(receipt: Receipt): SignedReceipt;
  /** @throws InvalidReceiptError unless `by` signed it and may state that status of the message */
  verifyReceipt(receipt: SignedReceipt, message: MessageDraft): void;
  /** @throws InvalidMessageError unless the message's author signed it */
  verifyMessage(signed: SignedMessage): void;
}

/** Tells whether an agent's cell can act on this node just now. */
export interface Presence {
  isOnline(agent: AgentPubKey): boolean;
}
