/** The figures of a variant that can be asked for; integrity is always measured, since it gates them. */
export const PARTS = ['observers', 'cost', 'faults', 'load', 'declared', 'receipts'] as const;

export type Part = (typeof PARTS)[number];

export function isPart(name: string): name is Part {
  return PARTS.some((part) => part === name);
}
