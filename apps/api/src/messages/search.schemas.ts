import { agentPubKeySchema } from '@musubi/messaging';
import { z } from 'zod';
import { unreadableSchema } from '../http/page.schemas.js';
import { cursorSchema, messageViewSchema } from './messages.schemas.js';
import { MESSAGE_KINDS } from './wanted.js';
import { wordsOf } from './wanted-words.js';

const MAX_TEXT = 200;
const MAX_WORDS = 8;
/** A tab and a line break stand between words. */
const CONTROL = /[^\P{Cc}\t\n\r]/u;

const textSchema = z
  .string()
  .max(MAX_TEXT, `text: must be at most ${MAX_TEXT} characters`)
  .refine(
    (text) => text.isWellFormed() && !CONTROL.test(text),
    'text: must be well-formed Unicode without controls',
  )
  .refine(
    (text) => wordsOf(text).length >= 1 && wordsOf(text).length <= MAX_WORDS,
    `text: must have 1 to ${MAX_WORDS} words`,
  )
  .describe('Words that all occur in a message, in any order, also within longer words, in any case.');

export const searchQuerySchema = z
  .strictObject({
    text: textSchema.optional(),
    type: z
      .enum(MESSAGE_KINDS)
      .optional()
      .describe(
        '`text`: without a file. `file`: with one. `media`: with a picture, a film or sound, by its media type.',
      ),
    with: agentPubKeySchema.optional().describe('Only messages exchanged with this agent.'),
    before: cursorSchema.optional().describe('Goes on with older messages: the `next` of an answer.'),
  })
  .refine(({ text, type }) => text !== undefined || type !== undefined, 'give text, type, or both');
export type SearchQuery = z.infer<typeof searchQuerySchema>;

export const searchPageSchema = z.object({
  items: z.array(messageViewSchema),
  next: z
    .string()
    .nullable()
    .describe('Leads to older messages, also when this answer has no items; `null` when all were searched.'),
  searched: z.number().int().describe('How many messages were looked at for this answer.'),
  unreadable: unreadableSchema,
});
export type SearchPage = z.infer<typeof searchPageSchema>;
