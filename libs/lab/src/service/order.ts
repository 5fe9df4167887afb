import { STRATEGY_NAMES } from '@musubi/messaging';
import { z } from 'zod';
import { PARTS } from '../comparison/parts.js';
import { VARIANTS, type Variant } from '../node/variants.js';
import { WORKLOAD_NAMES } from '../workloads/generators.js';

const VARIANT_NAMES = VARIANTS.map(({ name }) => name);
/** Those that a service uses. */
const DEFAULTS: readonly string[] = STRATEGY_NAMES;

const within = (least: number, most: number) => z.int().min(least).max(most);
const some = <Name extends string>(names: readonly Name[]) => z.array(z.enum(names)).min(1).max(names.length);

/** What a service may be asked to compare: no more than takes two cores some minutes. */
export const comparisonOrderSchema = z
  .strictObject({
    workload: z.enum(WORKLOAD_NAMES).default('small-world'),
    strategies: some(STRATEGY_NAMES).optional().describe('Only variants of these.'),
    variants: some(VARIANT_NAMES).optional().describe('By name; those that the service uses when absent.'),
    agents: within(2, 48).default(12),
    messages: within(1, 480).default(96),
    concurrency: z
      .array(within(1, 32))
      .min(1)
      .max(4)
      .default([1, 8])
      .describe('Senders at once, under load.'),
    redundancy: within(1, 16).default(5).describe('Authorities that hold each operation.'),
    seed: within(0, 2 ** 31 - 1).default(1),
    parts: some(PARTS)
      .default(['observers', 'cost', 'faults', 'load', 'declared'])
      .describe('Figures besides integrity, which is always checked.'),
  })
  .refine((order) => variantsOf(order).length > 0, {
    path: ['variants'],
    message: 'No variant of these strategies is left to compare.',
  });

export type ComparisonOrder = z.infer<typeof comparisonOrderSchema>;

interface Chosen {
  readonly strategies?: readonly string[] | undefined;
  readonly variants?: readonly string[] | undefined;
}

/** The variants that are asked for, in the order in which they are measured. */
export function variantsOf({ strategies, variants = DEFAULTS }: Chosen): readonly Variant[] {
  return VARIANTS.filter(
    ({ name, strategy }) => variants.includes(name) && (strategies?.includes(strategy) ?? true),
  );
}
