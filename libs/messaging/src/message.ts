import { z } from 'zod';
import { messageFileSchema } from './file.js';
import { idSchema } from './id-schema.js';
import {
  type AgentPubKey,
  type MessageId,
  type Nonce,
  parseAgentPubKey,
  parseMessageId,
  parseNonce,
  parseSignature,
  parseSpaceId,
} from './ids.js';
import { RECEIPT_STATUSES, type ReceiptStatus, type SignedReceipt } from './receipt.js';
import { parseTimestamp, type Timestamp } from './time.js';

/** 64 KiB of UTF-8. */
export const MAX_TEXT_BYTES = 65_536;

export const agentPubKeySchema = idSchema(parseAgentPubKey);
export const messageIdSchema = idSchema(parseMessageId);

export const timestampSchema = z
  .number()
  .int()
  .nonnegative()
  .transform((value) => parseTimestamp(value));

const textSchema = z
  .string()
  .min(1, 'text: must not be empty')
  .refine((text) => text.isWellFormed(), 'text: must be well-formed Unicode')
  .refine(
    (text) => Buffer.byteLength(text) <= MAX_TEXT_BYTES,
    `text: must be at most ${MAX_TEXT_BYTES} bytes of UTF-8`,
  );

export const textPayloadSchema = z.strictObject({ type: z.literal('text'), text: textSchema });

/** A file, with a text beside it or none. */
export const filePayloadSchema = z.strictObject({
  type: z.literal('file'),
  text: textSchema.nullable().default(null),
  file: messageFileSchema,
});

/** What a message says. */
export const payloadSchema = z.discriminatedUnion('type', [textPayloadSchema, filePayloadSchema]);
export type Payload = z.infer<typeof payloadSchema>;

/** A message before it is kept anywhere. Equal drafts are one message: see {@link MessageId}. */
export interface MessageDraft {
  readonly author: AgentPubKey;
  readonly recipient: AgentPubKey;
  readonly payload: Payload;
  readonly replyTo: MessageId | null;
  /** The author's clock. Conversations are ordered by (sentAt, id). */
  readonly sentAt: Timestamp;
  readonly nonce: Nonce;
}

export interface Message extends MessageDraft {
  readonly id: MessageId;
}

/** What travels: the message, and its author's `saved` receipt, which is its author's signature on it. */
export interface SignedMessage {
  readonly message: MessageDraft;
  readonly saved: SignedReceipt;
}

/** A message as one of its conversants holds it. `receipts` ascend by status, at most one of each. */
export interface HeldMessage {
  readonly message: Message;
  readonly status: ReceiptStatus;
  readonly receipts: readonly SignedReceipt[];
  /** Absent where it is not pinned. */
  readonly pinned?: true;
}

/** Checks a draft that came from elsewhere: shapes, sizes and ids, not signatures. */
export const messageDraftSchema: z.ZodType<MessageDraft> = z.strictObject({
  author: agentPubKeySchema,
  recipient: agentPubKeySchema,
  payload: payloadSchema,
  replyTo: messageIdSchema.nullable(),
  sentAt: timestampSchema,
  nonce: idSchema(parseNonce),
});

/** Checks a receipt that came from elsewhere: shapes and ids, not the signature. */
export const signedReceiptSchema: z.ZodType<SignedReceipt> = z.strictObject({
  message: messageIdSchema,
  status: z.enum(RECEIPT_STATUSES),
  by: agentPubKeySchema,
  at: timestampSchema,
  space: idSchema(parseSpaceId),
  signature: idSchema(parseSignature),
});

export const signedMessageSchema: z.ZodType<SignedMessage> = z.strictObject({
  message: messageDraftSchema,
  saved: signedReceiptSchema,
});
