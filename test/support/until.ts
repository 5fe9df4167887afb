import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from './patience.js';

const POLL_MS = 10;

/** Waits for a condition, polled; rejects with its last error when the deadline passes. */
export async function until<Value>(
  condition: () => Promise<Value>,
  deadlineMs = PATIENCE_MS,
): Promise<Value> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await condition();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await sleep(POLL_MS);
  }
}

/** Waits until a value is the expected one. */
export function untilEqual<Value>(
  expected: Value,
  read: () => Promise<Value>,
  deadlineMs = PATIENCE_MS,
): Promise<Value> {
  return until(async () => {
    const value = await read();
    if (value !== expected) throw new Error(`expected ${String(expected)}, still ${String(value)}`);
    return value;
  }, deadlineMs);
}
