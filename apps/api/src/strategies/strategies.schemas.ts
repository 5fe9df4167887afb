import {
  GUARANTEES,
  type GuaranteeName,
  STRATEGY_NAMES,
  type StrategyName,
  isStrategyName,
} from '@musubi/messaging';
import { capabilityCardSchema } from '@musubi/lab/service';
import { z } from 'zod';
import { ApiError } from '../problem/api-error.js';

const guaranteesSchema = z.object({
  concurrentReceive: promise('concurrentReceive'),
  concurrentSave: promise('concurrentSave'),
  offlineDelivery: promise('offlineDelivery'),
  unboundedPeers: promise('unboundedPeers'),
  bodyStaysWithPair: promise('bodyStaysWithPair'),
  hidesPeers: promise('hidesPeers'),
  unlinkableCopies: promise('unlinkableCopies'),
} satisfies Record<GuaranteeName, z.ZodBoolean>);

function promise(name: GuaranteeName): z.ZodBoolean {
  return z.boolean().describe(GUARANTEES[name]);
}

const strategyViewSchema = z.object({
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
