import {
  type AgentPubKey,
  type Message,
  MessageDeletedError,
  MessageNotFoundError,
  type MessageRef,
  MessageUnreadableError,
  type MessagingStrategy,
} from '@musubi/messaging';
import { ApiError } from '../problem/api-error.js';

/** The holder lists the message, be it unreadable. @throws MessageNotFoundError, MessageDeletedError */
export async function requireListed(strategy: MessagingStrategy, ref: MessageRef): Promise<void> {
  try {
    await strategy.messages.find(ref);
  } catch (error) {
    if (!(error instanceof MessageUnreadableError)) throw error;
  }
}

/** A reply is to a message of the same two agents on the same placement that its author holds. @throws ApiError `invalid` */
export async function requireReplied(
  strategy: MessagingStrategy,
  { author, recipient, replyTo }: Pick<Message, 'author' | 'recipient' | 'replyTo'>,
): Promise<void> {
  if (replyTo === null) return;
  try {
    const { message } = await strategy.messages.find({ holder: author, message: replyTo });
    if (peerOf(message, author) === recipient) return;
  } catch (error) {
    // It is listed, and whose it is cannot be read.
    if (error instanceof MessageUnreadableError) return;
    if (!(error instanceof MessageNotFoundError || error instanceof MessageDeletedError)) throw error;
  }
  const errors = [{ path: 'replyTo', message: 'not a message of this conversation' }];
  throw new ApiError('invalid', 'A reply must be to a message of the same conversation.', errors);
}

function peerOf({ author, recipient }: Message, holder: AgentPubKey): AgentPubKey {
  return author === holder ? recipient : author;
}
