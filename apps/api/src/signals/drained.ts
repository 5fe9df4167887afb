import { once } from 'node:events';
import { type ServerResponse } from 'node:http';

/** A client that reads nothing for so long is taken for gone: it resumes by `Last-Event-ID`. */
export const STALLED_MS = 30_000;

/**
 * Resolves when the connection has taken what was written, or has ended. Destroys the connection when its client reads
 * nothing for too long, since what waits for it stays in memory.
 */
export async function drained(
  response: ServerResponse,
  ended: AbortSignal,
  stalledMs = STALLED_MS,
): Promise<void> {
  // What is handed on is written in a later turn.
  await new Promise(setImmediate);
  if (!response.writableNeedDrain || ended.aborted) return;
  const stalled = setTimeout(() => response.destroy(), stalledMs);
  const over = new AbortController();
  const signal = AbortSignal.any([ended, over.signal]);
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]).catch(
    () => undefined,
  );
  over.abort();
  clearTimeout(stalled);
}
