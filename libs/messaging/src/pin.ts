import { z } from 'zod';
import { idSchema } from './id-schema.js';
import {
  type AgentPubKey,
  type MessageId,
  type Signature,
  type SpaceId,
  parseSignature,
  parseSpaceId,
} from './ids.js';
import { agentPubKeySchema, messageIdSchema, timestampSchema } from './message.js';
import { type Timestamp } from './time.js';

/** What one of the two says of a message of theirs: the part that it signs. The greatest (at, id) is what holds. */
export interface Pin {
  readonly message: MessageId;
  readonly pinned: boolean;
  readonly by: AgentPubKey;
  /** By the maker's clock, and later than what it knew of this message's pin. */
  readonly at: Timestamp;
  readonly space: SpaceId;
}

/** Ed25519 by `by` over the canonical statement; see libs/receipts for the exact bytes. */
export interface SignedPin extends Pin {
  readonly signature: Signature;
}

/** The name of a statement: a hash, of the form of a message's id. */
export type PinId = MessageId;

/** Checks a statement that came from elsewhere: shapes and ids, not the signature. */
export const signedPinSchema: z.ZodType<SignedPin> = z.strictObject({
  message: messageIdSchema,
  pinned: z.boolean(),
  by: agentPubKeySchema,
  at: timestampSchema,
  space: idSchema(parseSpaceId),
  signature: idSchema(parseSignature),
});
