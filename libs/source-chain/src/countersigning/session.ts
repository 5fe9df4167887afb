import { type RandomBytes, decodeCanonical, encodeCanonical } from '@musubi/crypto';
import {
  type AgentPubKey,
  type SignedMessage,
  type SignedReceipt,
  type Timestamp,
  agentPubKeySchema,
  timestampSchema,
} from '@musubi/messaging';
import {
  decodeMessageEnvelope,
  decodeReceiptEnvelope,
  encodeEnvelope,
  messageLetter,
  receiptLetter,
} from '@musubi/receipts';
import { z } from 'zod';

/** What a recipient has promised to commit, if the author does. */
export interface Promised {
  readonly signed: SignedMessage;
  readonly delivered: SignedReceipt;
}

/** What a cell remembers of a session. */
export interface Session {
  /** The other party. */
  readonly peer: AgentPubKey;
  /** Until then its chain is locked; afterwards only the promise stands. */
  readonly endsAt: Timestamp;
  /** `null` on the author's side. */
  readonly promised: Promised | null;
}

const bytes = z.instanceof(Uint8Array);

const sessionSchema = z.strictObject({
  peer: agentPubKeySchema,
  endsAt: timestampSchema,
  promised: z.strictObject({ message: bytes, delivered: bytes }).nullable(),
});

export function encodeSession({ peer, endsAt, promised }: Session, random: RandomBytes): Uint8Array {
  if (promised === null) return encodeCanonical({ peer, endsAt, promised });
  const { message, saved } = promised.signed;
  return encodeCanonical({
    peer,
    endsAt,
    promised: {
      message: encodeEnvelope(messageLetter(message, saved), random),
      delivered: encodeEnvelope(receiptLetter(promised.delivered), random),
    },
  });
}

export function decodeSession(encoded: Uint8Array): Session {
  const { peer, endsAt, promised } = sessionSchema.parse(decodeCanonical(encoded));
  if (promised === null) return { peer, endsAt, promised };
  const signed = decodeMessageEnvelope(promised.message);
  return { peer, endsAt, promised: { signed, delivered: decodeReceiptEnvelope(promised.delivered) } };
}
