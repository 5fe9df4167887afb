import { type StrategyName } from '@musubi/messaging';
import { z } from 'zod';
import { agentViewSchema } from '../agents/agents.schemas.js';
import { contactPageSchema } from '../contacts/contacts.schemas.js';
import { limitSchema } from '../http/page.schemas.js';
import { conversationPageSchema } from '../messages/messages.schemas.js';
import { settingsSchema } from '../writers/writers.schemas.js';

export const startQuerySchema = z.strictObject({
  limit: limitSchema.describe('Of contacts, and of conversations on each placement.'),
});
export type StartQuery = z.infer<typeof startQuerySchema>;

const conversationsSchema = z.object({
  'source-chain': conversationPageSchema,
  'pairwise-dht': conversationPageSchema,
  'global-dht': conversationPageSchema,
} satisfies Record<StrategyName, typeof conversationPageSchema>);

export const startViewSchema = z.object({
  agent: agentViewSchema.omit({ online: true }),
  settings: settingsSchema,
  contacts: contactPageSchema.describe('The first page.'),
  conversations: conversationsSchema.describe('The first page of each placement.'),
  changes: z
    .string()
    .describe(
      'Cursor of `GET /v1/changes` and `GET /v1/signals`: what is not in the conversations comes after it.',
    ),
  exact: z
    .boolean()
    .describe(
      'Nothing changed between the cursor and the conversations. `false`: some of what they show, and count as unread, comes once more with the changes.',
    ),
});
export type StartView = z.infer<typeof startViewSchema>;
