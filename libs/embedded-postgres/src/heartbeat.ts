import { open, utimes } from 'node:fs/promises';
import { setTimeout as sleepFor } from 'node:timers/promises';

/** Milliseconds. */
const BEAT_MS = 1000;
/** How long an owner may be silent before it is taken for dead: its process may be busy, and so may the volume. */
const SILENCE_MS = 15_000;
const LOOK_MS = 500;

/** Shows that the owner of a file lives, by touching it. Ends with the process, or by the function returned. */
export function beat(path: string): () => void {
  const timer = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS).unref();
  return () => {
    clearInterval(timer);
  };
}

/** Whether somebody touches the file. Only changes count: the clocks of two machines may differ. */
export async function beats(path: string, signal?: AbortSignal): Promise<boolean> {
  const first = await touchedAt(path);
  const deadline = performance.now() + SILENCE_MS;
  while (performance.now() < deadline) {
    signal?.throwIfAborted();
    await sleepFor(LOOK_MS);
    if ((await touchedAt(path)) !== first) return true;
  }
  return false;
}

/** Through an open file, since a network volume answers `stat` from what it knew some time ago. */
async function touchedAt(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    return (await file.stat()).mtimeMs;
  } finally {
    await file.close();
  }
}
