import { COMMIT_STEPS } from '@musubi/cell';
import { agentPubKeySchema } from '@musubi/messaging';
import { z } from 'zod';

const MAX_WAIT_MS = 60_000;
const MAX_RULES = 100;

const bounds = {
  times: z.int().min(1).max(1_000_000).optional().describe('Only the first N matching calls or commits.'),
  probability: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('The share of matching calls or commits, drawn from the seed.'),
};

const waitMs = z.int().min(0).max(MAX_WAIT_MS);

const networkFaultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('not-sent') }),
  z.strictObject({
    kind: z.literal('refused'),
    code: z.string().min(1).max(64),
    retryable: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('reply-lost') }),
  z.strictObject({ kind: z.literal('delay'), ms: waitMs }),
  z.strictObject({ kind: z.literal('duplicate') }),
  z.strictObject({ kind: z.literal('reorder'), ms: waitMs }),
]);

const commitFaultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('commit-fails') }),
  z.strictObject({ kind: z.literal('head-moved') }),
  z.strictObject({ kind: z.literal('crash-before') }),
  z.strictObject({ kind: z.literal('answer-lost') }),
  z.strictObject({ kind: z.literal('crash-after') }),
]);

/** A whole plan: what it does not name does not fail. */
export const faultPlanSchema = z.strictObject({
  seed: z.int().default(0),
  network: z
    .array(
      z.strictObject({
        fault: networkFaultSchema,
        fn: z.string().max(64).optional().describe('Only calls of this function.'),
        to: agentPubKeySchema.optional().describe('Only calls to this agent.'),
        ...bounds,
      }),
    )
    .max(MAX_RULES)
    .default([]),
  commits: z
    .array(
      z.strictObject({
        fault: commitFaultSchema,
        step: z.enum(COMMIT_STEPS).optional().describe('Only commits of this step.'),
        agent: agentPubKeySchema.optional().describe("Only commits of this agent's."),
        ...bounds,
      }),
    )
    .max(MAX_RULES)
    .default([]),
});
export type FaultPlanBody = z.infer<typeof faultPlanSchema>;
