import { z } from 'zod';
import { nameSchema } from '../agents/agents.schemas.js';
import { limitSchema, unreadableSchema } from '../http/page.schemas.js';

const readReceipts = z
  .boolean()
  .nullable()
  .describe('Whether the contact is told that its messages were read; `null`: as the settings say.');

export const petnameView = z
  .string()
  .nullable()
  .describe('The name that this agent has given the contact. Nobody else sees it.');

/** More than a card may have: it is measured where it is read. */
const MAX_TEXT = 8192;

export const newContactSchema = z.strictObject({
  card: z
    .string()
    .max(MAX_TEXT)
    .optional()
    .describe(
      'The contact card as text: `musubi:card/…`. Not needed for an agent of this node, nor for a contact.',
    ),
  readReceipts: readReceipts.optional(),
  petname: nameSchema('petname')
    .nullable()
    .optional()
    .describe('The name that this agent gives the contact; `null`: none. By the rules of nicknames.'),
});
export type NewContact = z.infer<typeof newContactSchema>;

export const contactViewSchema = z.object({
  agent: z.string().describe('Ed25519 public key, base64url.'),
  node: z
    .string()
    .nullable()
    .describe(
      'The key of the node that it is on; `null` when it has left, or is on this node and has no card.',
    ),
  addresses: z.array(z.string()).describe('Where that node can be dialled, as far as this one knows.'),
  petname: petnameView,
  readReceipts,
});
export type ContactView = z.infer<typeof contactViewSchema>;

export const contactQuerySchema = z.strictObject({
  after: z.string().max(512).optional().describe('The `next` of the page before.'),
  limit: limitSchema,
});
export type ContactPageQuery = z.infer<typeof contactQuerySchema>;

const contactItemSchema = z.object({ agent: z.string(), petname: petnameView, readReceipts });
export type ContactItem = z.infer<typeof contactItemSchema>;

export const contactPageSchema = z.object({
  items: z.array(contactItemSchema),
  next: z.string().nullable(),
  prev: z.null(),
  unreadable: unreadableSchema,
});
export type ContactPage = z.infer<typeof contactPageSchema>;
