import { z } from 'zod';

/** A problem, as RFC 9457 has it. */
export const problemSchema = z.object({
  type: z.string().describe('`urn:musubi:problem:<code>`.'),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  retryable: z.boolean().describe('Whether the same request may succeed later.'),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .readonly()
    .optional()
    .describe('What is wrong with which field, by its dotted path.'),
  kept: z
    .union([z.literal(true), z.literal('unknown')])
    .optional()
    .describe('The messages of `ids` are stored, or may be, although this is an error.'),
  ids: z.array(z.string()).readonly().optional(),
  node: z
    .string()
    .nullable()
    .optional()
    .describe('Of `agent-moved`: the node where the agent lives now; `null` while it is nowhere else.'),
  addresses: z.array(z.string()).readonly().optional().describe('Where that node can be dialled.'),
});
