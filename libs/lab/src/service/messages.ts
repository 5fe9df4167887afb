import { z } from 'zod';
import { comparisonOrderSchema } from './order.js';

/** What the process that compares is given, as its one argument. */
export const assignmentSchema = z.object({
  order: comparisonOrderSchema,
  /** An absolute path: where the reports go. */
  folder: z.string().min(1),
});
export type Assignment = z.infer<typeof assignmentSchema>;

export const progressSchema = z.object({
  variant: z.string().nullable().describe('Null until the database of the comparison is there.'),
  step: z.string(),
  done: z.int().describe('Steps of this part that are over, of `total`.'),
  total: z.int(),
  perSecond: z.number().nullable(),
  secondsLeft: z.number().nullable().describe('Of this part, at this rate.'),
  variantsDone: z.int(),
  variantsTotal: z.int(),
});
export type ComparisonProgress = z.infer<typeof progressSchema>;

const FAILURES = ['database-unavailable', 'time-limit', 'interrupted', 'process-ended', 'internal'] as const;

export const failureSchema = z.object({ code: z.enum(FAILURES), message: z.string() });
export type Failure = z.infer<typeof failureSchema>;

/** What it says while it runs, and at its end. */
export const reportedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), progress: progressSchema }),
  z.object({ kind: z.literal('finished') }),
  z.object({ kind: z.literal('stopped') }),
  z.object({ kind: z.literal('failed'), failure: failureSchema }),
]);
export type Reported = z.infer<typeof reportedSchema>;

/** The one thing that it can be told. */
export const STOP = 'stop';
