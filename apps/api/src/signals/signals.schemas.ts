import { STRATEGY_NAMES } from '@musubi/messaging';
import { z } from 'zod';
import { messageViewSchema } from '../messages/messages.schemas.js';

export const signalsQuerySchema = z.strictObject({
  since: z
    .string()
    .max(512)
    .optional()
    .describe('As `Last-Event-ID`, which wins: the `next` of a page of changes, or the id of an event.'),
});

export type SignalsQuery = z.infer<typeof signalsQuerySchema>;

const id = z.string().describe('The cursor of the event, for `Last-Event-ID`.');

/** OpenAPI before 3.2 has no word for a stream: its events are shown as the items of a list. */
export const eventStreamSchema = z
  .array(
    z.discriminatedUnion('event', [
      z.object({ id, event: z.enum(['message', 'receipt', 'delivery-failed']), data: messageViewSchema }),
      z.object({
        id,
        event: z.literal('deleted'),
        data: z.object({ strategy: z.enum(STRATEGY_NAMES), id: z.string() }),
      }),
      z.object({
        id,
        event: z.literal('typing'),
        data: z.object({
          strategy: z.enum(STRATEGY_NAMES),
          from: z.string().describe('The agent that writes to this one.'),
          typing: z.boolean().describe('`false`: it has stopped.'),
          seconds: z.number().int().describe('How long it is to be shown.'),
        }),
      }),
      z.object({ id, event: z.literal('heartbeat'), data: z.literal('') }),
    ]),
  )
  .describe('Server-Sent Events, one after another. `data` is the JSON of what is shown here, in one line.');
