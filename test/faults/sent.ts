import { type AgentPubKey, type MessageDraft, type MessageId } from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';

/** A message that somebody has saved, or has tried to. */
export interface Sent {
  readonly message: MessageId;
  readonly author: AgentPubKey;
  readonly recipient: AgentPubKey;
}

export function sentOf(draft: MessageDraft): Sent {
  const { author, recipient } = draft;
  return { message: messageIdOf(draft), author, recipient };
}
