import { type RandomBytes, decodeCanonical, encodeCanonical } from '@musubi/crypto';
import {
  InvalidMessageError,
  type MessageDraft,
  type SignedMessage,
  type SignedPin,
  type SignedReceipt,
  messageDraftSchema,
  signedPinSchema,
  signedReceiptSchema,
} from '@musubi/messaging';
import { z } from 'zod';

/** What an envelope holds: a message with its author's signature on it, a receipt, or a statement on a pin. */
export type Envelope = MessageEnvelope | ReceiptEnvelope | PinEnvelope;

interface MessageEnvelope extends SignedMessage {
  readonly kind: 'message';
}

interface ReceiptEnvelope {
  readonly kind: 'receipt';
  readonly receipt: SignedReceipt;
}

export interface PinEnvelope {
  readonly kind: 'pin';
  readonly pin: SignedPin;
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
  z.strictObject({ kind: z.literal('pin'), salt, pin: signedPinSchema }),
]);

/** Canonical bytes of an envelope under fresh salt: the same content never has the same hash twice. */
export function encodeEnvelope(envelope: Envelope, random: RandomBytes): Uint8Array {
  const salted = { kind: envelope.kind, salt: random(SALT_BYTES) };
  if (envelope.kind === 'receipt') return encodeCanonical({ ...salted, receipt: { ...envelope.receipt } });
  if (envelope.kind === 'pin') return encodeCanonical({ ...salted, pin: { ...envelope.pin } });
  return encodeCanonical({ ...salted, message: { ...envelope.message }, saved: { ...envelope.saved } });
}

export function messageEnvelope(message: MessageDraft, saved: SignedReceipt): MessageEnvelope {
  const { author, recipient, payload, replyTo, sentAt, nonce } = message;
  return { kind: 'message', message: { author, recipient, payload, replyTo, sentAt, nonce }, saved };
}

export function receiptEnvelope(receipt: SignedReceipt): ReceiptEnvelope {
  return { kind: 'receipt', receipt };
}

export function pinEnvelope({ message, pinned, by, at, space, signature }: SignedPin): PinEnvelope {
  return { kind: 'pin', pin: { message, pinned, by, at, space, signature } };
}

/** @throws InvalidMessageError when the bytes are no envelope; signatures are not checked here */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  try {
    const { salt: ignored, ...envelope } = envelopeSchema.parse(decodeCanonical(bytes));
    return envelope;
  } catch (error) {
    throw new InvalidMessageError('the envelope is malformed', { cause: error });
  }
}

/** @throws InvalidMessageError unless the envelope holds a message */
export function decodeMessageEnvelope(bytes: Uint8Array): MessageEnvelope {
  const envelope = decodeEnvelope(bytes);
  if (envelope.kind !== 'message') throw new InvalidMessageError('the envelope holds no message');
  return envelope;
}

/** @throws InvalidMessageError unless the envelope holds a receipt */
export function decodeReceiptEnvelope(bytes: Uint8Array): SignedReceipt {
  const envelope = decodeEnvelope(bytes);
  if (envelope.kind !== 'receipt') throw new InvalidMessageError('the envelope holds no receipt');
  return envelope.receipt;
}
