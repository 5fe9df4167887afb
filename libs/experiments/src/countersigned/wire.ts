import { decodeCanonical, encodeCanonical } from '@musubi/crypto';
import { InvalidMessageError, type SignedMessage, type Timestamp, timestampSchema } from '@musubi/messaging';
import { decodeMessageEnvelope } from '@musubi/receipts';
import { z } from 'zod';

/** What a cell of the `countersigned` protocol answers to, besides the placement's own functions. */
export const COUNTERSIGNING_FUNCTIONS = {
  prepare: 'source-chain/countersign_prepare',
  commit: 'source-chain/countersign_commit',
  abort: 'source-chain/countersign_abort',
  outcome: 'source-chain/countersign_outcome',
} as const;

/** How a session ended for its author, who decides. */
export type Outcome = 'committed' | 'aborted' | 'open';

const outcomeSchema = z.enum(['committed', 'aborted', 'open']);

const invitationSchema = z.strictObject({ message: z.instanceof(Uint8Array), endsAt: timestampSchema });

/** What a recipient is asked to lock its chain for, and until when. */
interface Invitation {
  readonly signed: SignedMessage;
  readonly endsAt: Timestamp;
}

/** `envelope`: the message's. */
export function encodeInvitation(envelope: Uint8Array, endsAt: Timestamp): Uint8Array {
  return encodeCanonical({ message: envelope, endsAt });
}

/** @throws InvalidMessageError */
export function decodeInvitation(bytes: Uint8Array): Invitation {
  try {
    const { message, endsAt } = invitationSchema.parse(decodeCanonical(bytes));
    return { signed: decodeMessageEnvelope(message), endsAt };
  } catch (error) {
    throw new InvalidMessageError('the invitation is malformed', { cause: error });
  }
}

export function encodeOutcome(outcome: Outcome): Uint8Array {
  return encodeCanonical(outcome);
}

export function decodeOutcome(bytes: Uint8Array): Outcome {
  return outcomeSchema.parse(decodeCanonical(bytes));
}
