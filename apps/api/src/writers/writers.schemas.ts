import { WHO_MAY_WRITE } from '@musubi/cell';
import { z } from 'zod';
import { limitSchema, unreadableSchema } from '../http/page.schemas.js';

export const settingsSchema = z.strictObject({
  whoMayWrite: z
    .enum(WHO_MAY_WRITE)
    .describe('Whose messages this agent takes: all, those of its contacts, or none. `everybody` at first.'),
  readReceipts: z
    .boolean()
    .describe(
      'Whether authors are told that this agent has read their messages; a contact may have a switch of its own. `true` at first.',
    ),
});
export type Settings = z.infer<typeof settingsSchema>;

export const settingsChangeSchema = settingsSchema
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'give at least one setting; what is absent stays');
export type SettingsChange = z.infer<typeof settingsChangeSchema>;

export const blockViewSchema = z.object({
  agent: z.string().describe('Ed25519 public key, base64url: an agent that may not write to this one.'),
});
export type BlockView = z.infer<typeof blockViewSchema>;

export const blockQuerySchema = z.strictObject({
  after: z.string().max(512).optional().describe('The `next` of the page before.'),
  limit: limitSchema,
});
export type BlockPageQuery = z.infer<typeof blockQuerySchema>;

export const blockPageSchema = z.object({
  items: z.array(blockViewSchema),
  next: z.string().nullable(),
  prev: z.null(),
  unreadable: unreadableSchema,
});
