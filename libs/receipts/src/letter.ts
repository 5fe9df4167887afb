import { type RandomBytes, decodeCanonical, encodeCanonical } from '@musubi/crypto';
import {
  InvalidMessageError,
  type MessageDraft,
  type SignedMessage,
  type SignedReceipt,
  messageDraftSchema,
  signedReceiptSchema,
} from '@musubi/messaging';
import { z } from 'zod';

/** What an envelope holds: a message with its author's signature on it, or a receipt. */
export type Letter = MessageLetter | ReceiptLetter;

export interface MessageLetter extends SignedMessage {
  readonly kind: 'message';
}

export interface ReceiptLetter {
  readonly kind: 'receipt';
  readonly receipt: SignedReceipt;
}

const SALT_BYTES = 16;
const salt = z.instanceof(Uint8Array);

const envelopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('message'),
    salt,
    message: messageDraftSchema,
    saved: signedReceiptSchema,
  }),
  z.strictObject({ kind: z.literal('receipt'), salt, receipt: signedReceiptSchema }),
]);

/** Canonical bytes of a letter under fresh salt: no two envelopes of one letter share a hash. */
export function encodeEnvelope(letter: Letter, random: RandomBytes): Uint8Array {
  const salted = { kind: letter.kind, salt: random(SALT_BYTES) };
  if (letter.kind === 'receipt') return encodeCanonical({ ...salted, receipt: { ...letter.receipt } });
  return encodeCanonical({ ...salted, message: { ...letter.message }, saved: { ...letter.saved } });
}

export function messageLetter(message: MessageDraft, saved: SignedReceipt): MessageLetter {
  const { author, recipient, payload, replyTo, sentAt, nonce } = message;
  return { kind: 'message', message: { author, recipient, payload, replyTo, sentAt, nonce }, saved };
}

export function receiptLetter(receipt: SignedReceipt): ReceiptLetter {
  return { kind: 'receipt', receipt };
}

/** @throws InvalidMessageError when the bytes are no envelope; signatures are not checked here */
export function decodeEnvelope(bytes: Uint8Array): Letter {
  try {
    const { salt: ignored, ...letter } = envelopeSchema.parse(decodeCanonical(bytes));
    return letter;
  } catch (error) {
    throw new InvalidMessageError('the envelope is malformed', { cause: error });
  }
}

/** @throws InvalidMessageError unless the envelope holds a message */
export function decodeMessageEnvelope(bytes: Uint8Array): MessageLetter {
  const letter = decodeEnvelope(bytes);
  if (letter.kind !== 'message') throw new InvalidMessageError('the envelope holds no message');
  return letter;
}

/** @throws InvalidMessageError unless the envelope holds a receipt */
export function decodeReceiptEnvelope(bytes: Uint8Array): SignedReceipt {
  const letter = decodeEnvelope(bytes);
  if (letter.kind !== 'receipt') throw new InvalidMessageError('the envelope holds no receipt');
  return letter.receipt;
}
