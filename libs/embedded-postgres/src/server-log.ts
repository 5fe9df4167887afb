import { chown, copyFile, open, rename, stat, truncate, type FileHandle } from 'node:fs/promises';
import { type Account } from './launcher.js';

/** Of each of the two files. */
const LARGEST_BYTES = 1024 * 1024;
const LOOK_MS = 5_000;
const TAIL_BYTES = 2_000;

/** What PostgreSQL says goes to a file, not a pipe: a pipe's reader could die, or be too busy to read. */
export async function openLog(path: string, account: Account | undefined): Promise<FileHandle> {
  const size = await logSize(path);
  if (size > LARGEST_BYTES) await rename(path, `${path}.1`);
  const handle = await open(path, 'a', 0o600);
  if (account) await chown(path, account.uid, account.gid);
  return handle;
}

/**
 * Keeps the log small while the server writes to it, whose file stays the same: what there is becomes the older of two
 * files. It writes some hundred bytes a minute, and has five seconds to write more than a megabyte.
 *
 * @returns ends that
 */
export function rotateLog(path: string): () => void {
  const timer = setInterval(() => {
    void rotateOnce(path).catch(() => undefined);
  }, LOOK_MS).unref();
  return () => {
    clearInterval(timer);
  };
}

export async function rotateOnce(path: string): Promise<void> {
  if ((await logSize(path)) <= LARGEST_BYTES) return;
  await copyFile(path, `${path}.1`);
  await truncate(path);
}

/** Bytes in the log now, so that what follows can be read alone. */
export async function logSize(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** The end of what was written after `from` bytes. */
export async function logSince(path: string, from: number): Promise<string> {
  const size = await logSize(path);
  const position = Math.max(from, size - TAIL_BYTES);
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.max(0, size - position)), { position });
    return buffer.toString('utf8', 0, bytesRead).trim();
  } finally {
    await handle.close();
  }
}
