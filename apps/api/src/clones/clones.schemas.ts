import { CLONE_STATES } from '@musubi/pairwise-dht';
import { z } from 'zod';
import { limitSchema, unreadableSchema } from '../http/page.schemas.js';

export const cloneQuerySchema = z.strictObject({
  after: z.string().max(512).optional().describe('The `next` of the page before.'),
  limit: limitSchema,
});
export type ClonePageQuery = z.infer<typeof cloneQuerySchema>;

export const cloneChangeSchema = z.strictObject({
  enabled: z
    .boolean()
    .describe('A disabled clone stays readable, accepts no message, and does not count towards the limit.'),
});
export type CloneChange = z.infer<typeof cloneChangeSchema>;

export const clonesChangeSchema = z.strictObject({
  enabled: z.literal(false),
  openedBy: z.literal('peer').describe('Only clones that peers opened.'),
});
export type ClonesChange = z.infer<typeof clonesChangeSchema>;

export const clonesChangedSchema = z.object({
  openedBy: clonesChangeSchema.shape.openedBy,
  disabled: z.number().int().describe('How many clones were disabled.'),
});

export const cloneViewSchema = z.object({
  peer: z.string().describe('The agent with whom it is shared.'),
  state: z
    .enum(CLONE_STATES)
    .describe(
      '`invited`: the peer has not joined. `joined`: it has. `primed`: records of the peer have come. ' +
        '`disabled`: switched off by you.',
    ),
});
export type CloneView = z.infer<typeof cloneViewSchema>;

export const clonePageSchema = z.object({
  items: z.array(cloneViewSchema),
  next: z.string().nullable(),
  prev: z.null(),
  unreadable: unreadableSchema,
});
