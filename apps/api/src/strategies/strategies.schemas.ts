import { type Guarantees, STRATEGY_NAMES, type StrategyName, isStrategyName } from '@musubi/messaging';
import { capabilityCardSchema } from '@musubi/lab/service';
import { z } from 'zod';
import { ApiError } from '../problem/api-error.js';

const guarantee = (meaning: string) => z.boolean().describe(meaning);

/** The same words as the port's. */
const guaranteesSchema = z.object({
  concurrentReceive: guarantee('Two senders can deliver to one recipient at the same moment.'),
  concurrentSave: guarantee("One author's simultaneous saves all land."),
  offlineDelivery: guarantee('The two agents need never be online at once.'),
  unboundedPeers: guarantee('An agent can converse with any number of peers.'),
  bodyStaysWithPair: guarantee("No stranger holds the message's ciphertext."),
  hidesPeers: guarantee('No record given to strangers names both conversants.'),
  unlinkableCopies: guarantee('The two copies share no hash that a stranger can read.'),
} satisfies Record<keyof Guarantees, z.ZodBoolean>);

export const strategyViewSchema = z.object({
  name: z.enum(STRATEGY_NAMES),
  variant: z.record(z.string(), z.string()).describe('The options that this service uses.'),
  guarantees: guaranteesSchema,
});
export type StrategyView = z.infer<typeof strategyViewSchema>;

export const strategyItemSchema = strategyViewSchema.extend({
  measured: capabilityCardSchema
    .nullable()
    .describe('The last measured figures of this variant; null if there are none.'),
});
export type StrategyItem = z.infer<typeof strategyItemSchema>;

export const strategyListSchema = z.object({
  items: z.array(strategyViewSchema),
  next: z.null(),
  prev: z.null(),
});

/** @throws ApiError `unknown-strategy` */
export function parseStrategyName(text: string): StrategyName {
  if (isStrategyName(text)) return text;
  throw new ApiError(
    'unknown-strategy',
    `There is no such strategy. Choose one of ${STRATEGY_NAMES.join(', ')}.`,
  );
}
