import { setTimeout as sleepFor } from 'node:timers/promises';

export interface Patience {
  /** Milliseconds between two looks. */
  readonly every: number;
  /** Milliseconds until giving up. */
  readonly within: number;
}

/** Looks until the condition holds; false when it still does not at the deadline. */
export async function pollUntil(isTrue: () => Promise<boolean>, patience: Patience): Promise<boolean> {
  const deadline = AbortSignal.timeout(patience.within);
  while (!(await isTrue())) {
    if (deadline.aborted) return false;
    await sleepFor(patience.every);
  }
  return true;
}
