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
  messageEnvelope,
  receiptEnvelope,
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

/**
 * Whether the chain is still locked for it, in µs since the epoch and milliseconds. No session is longer than
 * `sessionMs`: an end further ahead was set by a clock that was wrong, or is read by one.
 */
export function isOpen({ endsAt }: Pick<Session, 'endsAt'>, now: Timestamp, sessionMs: number): boolean {
  return now < endsAt && endsAt <= now + sessionMs * 1000;
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
      message: encodeEnvelope(messageEnvelope(message, saved), random),
      delivered: encodeEnvelope(receiptEnvelope(promised.delivered), random),
    },
  });
}

export function decodeSession(encoded: Uint8Array): Session {
  const { peer, endsAt, promised } = sessionSchema.parse(decodeCanonical(encoded));
  if (promised === null) return { peer, endsAt, promised };
  const signed = decodeMessageEnvelope(promised.message);
  return { peer, endsAt, promised: { signed, delivered: decodeReceiptEnvelope(promised.delivered) } };
}
