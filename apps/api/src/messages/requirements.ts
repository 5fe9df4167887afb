import { type Files } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import {
  type AgentPubKey,
  FileIncompleteError,
  InvalidMessageError,
  type Message,
  MessageDeletedError,
  MessageNotFoundError,
  type MessageFile,
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

/** A file of a message is one that its author holds, as it was when it was uploaded or received. @throws ApiError `invalid` */
export async function requireFile(files: Files, keys: AgentKeys, file: MessageFile): Promise<void> {
  try {
    await files.require(keys, file);
  } catch (error) {
    if (!(error instanceof FileIncompleteError || error instanceof InvalidMessageError)) throw error;
    const message = 'not a file that this agent has uploaded or received';
    throw new ApiError('invalid', 'The message refers to a file that is not there.', [
      { path: 'payload.file', message },
    ]);
  }
}

function peerOf({ author, recipient }: Message, holder: AgentPubKey): AgentPubKey {
  return author === holder ? recipient : author;
}
