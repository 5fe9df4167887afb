import { setImmediate } from 'node:timers/promises';
import { type Waiting } from '@musubi/client';

/** Waits for nothing, and notes for how long it was to wait: only that time passes. Its chance is always a half. */
export function instantWaiting(): Waiting & { readonly waited: readonly number[] } {
  const waited: number[] = [];
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    waited.push(ms);
    await setImmediate();
    signal?.throwIfAborted();
  };
  const now = (): number => waited.reduce((sum, ms) => sum + ms, 0);
  return { waited, sleep, now, random: () => 0.5 };
}
