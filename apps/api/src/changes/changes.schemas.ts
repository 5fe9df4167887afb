import { STRATEGY_NAMES } from '@musubi/messaging';
import { z } from 'zod';
import { optionalNumberSchema } from '../values/whole-number.js';
import { messageViewSchema } from '../messages/messages.schemas.js';
import { limitSchema } from '../http/page.schemas.js';

/** Nobody holds a request longer, in seconds. */
const MAX_WAIT_S = 30;

/** In place of a cursor: after everything that is there. */
export const LATEST = 'latest';

export const changesQuerySchema = z.strictObject({
  since: z
    .string()
    .max(512)
    .optional()
    .describe(
      'The `next` of a page, or the id of an event. `latest`: after all there is. Absent: from the beginning.',
    ),
  limit: limitSchema,
  wait: optionalNumberSchema(0, MAX_WAIT_S, 0).describe(
    'How many seconds to wait for a change if there is none yet.',
  ),
});
export type ChangesQuery = z.infer<typeof changesQuerySchema>;

const strategy = z.enum(STRATEGY_NAMES);

const changeViewSchema = z.discriminatedUnion('type', [
  z
    .object({ type: z.literal('message'), strategy, message: messageViewSchema })
    .describe('The message as it is now: new, or changed.'),
  z
    .object({ type: z.literal('deleted'), strategy, id: z.string() })
    .describe('This agent deleted the message.'),
]);
export type ChangeView = z.infer<typeof changeViewSchema>;

export const changePageSchema = z.object({
  items: z.array(changeViewSchema).describe('In the order of arrival; each message at its last change.'),
  next: z.string().describe('Cursor of later changes. Always present; it never expires.'),
  prev: z.null(),
  unreadable: z.number().int().optional().describe('How many further changes cannot be read.'),
});
export type ChangePageView = z.infer<typeof changePageSchema>;
