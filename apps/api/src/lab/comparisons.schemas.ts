import { comparisonOrderSchema, failureSchema, progressSchema } from '@musubi/lab/service';
import { z } from 'zod';
import { limitSchema } from '../http/page.schemas.js';

export const comparisonQuerySchema = z.strictObject({
  after: z.string().max(64).optional().describe('The `next` of the page before.'),
  limit: limitSchema,
});
export type ComparisonPageQuery = z.infer<typeof comparisonQuerySchema>;

/** What is kept of a comparison, besides its reports. */
export const comparisonRecordSchema = z.object({
  id: z.string(),
  status: z.enum(['running', 'finished', 'failed', 'cancelled']),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  asked: comparisonOrderSchema,
  failure: failureSchema.nullable().describe('Why it failed; `interrupted`: the service ended before it.'),
});
export type ComparisonRecord = z.infer<typeof comparisonRecordSchema>;

const comparisonItemSchema = comparisonRecordSchema.extend({
  progress: progressSchema.nullable().describe('Null unless it is running.'),
});
export type ComparisonItem = z.infer<typeof comparisonItemSchema>;

export const comparisonSchema = comparisonItemSchema.extend({
  report: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('As of `npm run compare`. Partial where it was stopped; null where nothing was measured yet.'),
});
export type ComparisonView = z.infer<typeof comparisonSchema>;

export const comparisonPageSchema = z.object({
  items: z.array(comparisonItemSchema),
  next: z.string().nullable(),
  prev: z.null(),
});
export type ComparisonPage = z.infer<typeof comparisonPageSchema>;
