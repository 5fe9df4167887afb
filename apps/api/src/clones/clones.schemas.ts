import { CLONE_STATES } from '@musubi/pairwise-dht';
import { z } from 'zod';
import { limitSchema } from '../agents/agents.schemas.js';

export const cloneQuerySchema = z.strictObject({
  after: z.string().max(512).optional().describe('The `next` of the page before.'),
  limit: limitSchema,
});
export type ClonePageQuery = z.infer<typeof cloneQuerySchema>;

export const cloneChangeSchema = z.strictObject({
  enabled: z.boolean().describe('A disabled clone is readable, takes no message, and leaves its place free.'),
});
export type CloneChange = z.infer<typeof cloneChangeSchema>;

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
});
