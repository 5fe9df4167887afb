import {
  RECEIPT_STATUSES,
  STRATEGY_NAMES,
  agentPubKeySchema,
  messageIdSchema,
  payloadSchema,
} from '@musubi/messaging';
import { z } from 'zod';
import { isTimeZone } from './reader-day.js';
import { petnameView } from '../contacts/contacts.schemas.js';
import { fileViewSchema } from '../files/files.schemas.js';
import { problemSchema } from '../problem/problem.schema.js';
import { limitSchema, unreadableSchema } from '../http/page.schemas.js';

export const newMessageSchema = z.strictObject({
  to: agentPubKeySchema,
  payload: payloadSchema,
  replyTo: messageIdSchema.nullable().default(null),
});
export type NewMessage = z.infer<typeof newMessageSchema>;

export const cursorSchema = z.string().max(512);

/** Times are microseconds from 1970 that fit 53 bits, which end in 2255. */
const daySchema = z.iso
  .date()
  .refine((day) => day >= '1970-01-01' && day < '2255-01-01', 'expected a day from 1970 to 2254');

const zoneSchema = z.string().max(64).refine(isTimeZone, 'expected a time zone');

export const messageQuerySchema = z
  .strictObject({
    with: agentPubKeySchema.optional().describe('Only messages exchanged with this agent.'),
    before: cursorSchema.optional().describe('Older than this cursor: the `next` of a page.'),
    after: cursorSchema.optional().describe('Newer than this cursor: the `prev` of a page.'),
    around: messageIdSchema.optional().describe('That message in the middle of the page.'),
    on: daySchema.optional().describe('The messages of one day, in `zone`.'),
    zone: zoneSchema
      .optional()
      .describe('The time zone of `on`, such as `Europe/Berlin` or `+05:45`; else UTC.'),
    limit: limitSchema,
  })
  .refine(
    ({ before, after, around, on }) =>
      [before, after, around, on].filter((one) => one !== undefined).length <= 1,
    'give at most one of before, after, around, on',
  )
  .refine(({ on, zone }) => zone === undefined || on !== undefined, 'give zone with on alone');
export type MessagePageQuery = z.infer<typeof messageQuerySchema>;

export const pinQuerySchema = z.strictObject({
  with: agentPubKeySchema.describe('The conversation with this agent.'),
  before: cursorSchema.optional().describe('Older than this cursor: the `next` of a page.'),
  limit: limitSchema,
});
export type PinPageQuery = z.infer<typeof pinQuerySchema>;

export const conversationQuerySchema = z.strictObject({
  before: cursorSchema.optional(),
  limit: limitSchema,
});
export type ConversationPageQuery = z.infer<typeof conversationQuerySchema>;

export const newReceiptsSchema = z.strictObject({
  status: z.literal('read'),
  messages: z.array(messageIdSchema).min(1).max(200),
});
export type NewReceipts = z.infer<typeof newReceiptsSchema>;

const time = z.string().describe('RFC 3339, UTC, microseconds.');

const receiptViewSchema = z.object({
  message: z.string(),
  status: z.enum(RECEIPT_STATUSES),
  by: z.string().describe('The agent that signed.'),
  at: time,
  space: z.string().describe('The space in which it was made: part of what is signed.'),
  signature: z.string().describe('Ed25519 by `by`, base64url.'),
});
export type ReceiptView = z.infer<typeof receiptViewSchema>;

const deliveryViewSchema = z
  .object({
    step: z
      .enum(['send', 'confirm'])
      .describe('`send`: still to be sent. `confirm`: published, without a receipt yet.'),
    attempt: z
      .number()
      .int()
      .describe(
        'The number of failed attempts, those included that were made for other messages to the same recipient.',
      ),
    nextAttemptAt: time
      .nullable()
      .describe(
        'When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry.',
      ),
    lastError: z
      .string()
      .nullable()
      .describe(
        'The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet.',
      ),
  })
  .describe('While the message is on its way, and after it has failed.');
export type DeliveryView = z.infer<typeof deliveryViewSchema>;

const payloadViewSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({
    type: z.literal('file'),
    text: z.string().nullable().describe('What was said beside the file, if anything.'),
    file: fileViewSchema,
  }),
]);

export const messageViewSchema = z.object({
  id: z.string(),
  strategy: z.enum(STRATEGY_NAMES),
  author: z.string(),
  recipient: z.string(),
  payload: payloadViewSchema,
  replyTo: z.string().nullable(),
  sentAt: time,
  nonce: z
    .string()
    .describe('16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`.'),
  status: z
    .enum([...RECEIPT_STATUSES, 'failed'])
    .describe('`failed`: retry or delete it. A late receipt still makes it delivered.'),
  receipts: z.array(receiptViewSchema),
  unread: z
    .boolean()
    .describe(
      'This agent has received it and not marked it as read. It may be read without a `read` receipt.',
    ),
  pinned: z
    .boolean()
    .describe('One of the two has pinned it, and neither unpinned it since, as far as this agent knows.'),
  delivery: deliveryViewSchema.optional(),
});
export type MessageView = z.infer<typeof messageViewSchema>;

const cursorView = z.string().nullable();

export const messagePageSchema = z.object({
  items: z.array(messageViewSchema),
  next: cursorView.describe('Leads to older messages.'),
  prev: cursorView.describe('Leads to newer messages.'),
  unreadable: unreadableSchema,
});

export type MessagePage = z.infer<typeof messagePageSchema>;

export const conversationPageSchema = z.object({
  items: z.array(
    z.object({
      peer: z.string(),
      petname: petnameView,
      last: messageViewSchema,
      unread: z.number().int(),
    }),
  ),
  next: cursorView,
  prev: cursorView,
  unreadable: unreadableSchema,
});

export const receiptBatchSchema = z.object({
  items: z.array(receiptViewSchema),
  untold: z
    .array(z.string())
    .describe('The messages that are read now, or were before, without a receipt: no one is told.'),
  failed: z
    .array(z.object({ message: z.string(), problem: problemSchema }))
    .describe('The messages that could not be marked, and why. The others are.'),
  next: z.null(),
  prev: z.null(),
});
