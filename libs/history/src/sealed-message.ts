import { type AgentKeys, decodeCanonical, encodeCanonical } from '@musubi/crypto';
import { type MessageDraft, messageDraftSchema } from '@musubi/messaging';

const HISTORY_DOMAIN = 'musubi/history';

/** A message as its holder's store has it. */
export function sealMessage(holder: AgentKeys, message: MessageDraft): Uint8Array {
  const { author, recipient, payload, replyTo, sentAt, nonce } = message;
  const bytes = encodeCanonical({ author, recipient, payload, replyTo, sentAt, nonce });
  return holder.seal(bytes, HISTORY_DOMAIN);
}

/** `null` for bytes that this holder cannot read as a message. */
export function openMessage(holder: AgentKeys, sealed: Uint8Array): MessageDraft | null {
  try {
    return messageDraftSchema.parse(decodeCanonical(holder.open(sealed, HISTORY_DOMAIN)));
  } catch {
    return null;
  }
}
