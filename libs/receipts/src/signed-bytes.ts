import { encodeCanonical, fromBase64Url, hash, toBase64Url } from '@musubi/crypto';
import {
  InvalidMessageError,
  type MessageDraft,
  type MessageId,
  type Pin,
  type PinId,
  type Receipt,
  parseMessageId,
} from '@musubi/messaging';

/** BLAKE2b-256 over the canonical message: its one name on every copy, under every placement. */
export function messageIdOf(draft: MessageDraft): MessageId {
  const id = known.get(draft) ?? hashedId(draft);
  known.set(draft, id);
  return id;
}

/** One act asks for the id of the same message several times. */
const known = new WeakMap<MessageDraft, MessageId>();

function hashedId(draft: MessageDraft): MessageId {
  const { author, recipient, payload, replyTo, sentAt, nonce } = draft;
  const bytes = encodeCanonical({ author, recipient, payload, replyTo, sentAt, nonce });
  return parseMessageId(toBase64Url(hash('musubi/message', bytes)));
}

/** The 32 bytes that a receipt's maker signs: a hash of {message, status, at, space} in its own domain. */
export function receiptBytes({ message, status, at, space, by }: Receipt): Uint8Array {
  return hash('musubi/receipt', encodeCanonical({ message, status, at, space, by }));
}

/** The 32 bytes that the maker of a statement on a pin signs; as text, they are the statement's id. */
export function pinBytes({ message, pinned, at, space, by }: Pin): Uint8Array {
  return hash('musubi/pin', encodeCanonical({ message, pinned, at, space, by }));
}

export function pinIdOf(pin: Pin): PinId {
  return parseMessageId(toBase64Url(pinBytes(pin)));
}

/** 32 bytes. */
export function encodeMessageId(message: MessageId): Uint8Array {
  return fromBase64Url(message);
}

/** @throws InvalidMessageError unless there are 32 bytes */
export function decodeMessageId(bytes: Uint8Array): MessageId {
  try {
    return parseMessageId(toBase64Url(bytes));
  } catch (error) {
    throw new InvalidMessageError('not a message id', { cause: error });
  }
}
