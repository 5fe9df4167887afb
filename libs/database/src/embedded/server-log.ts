import { chown, open, rename, stat, type FileHandle } from 'node:fs/promises';
import { type Account } from './launcher.js';

const LARGEST_BYTES = 1024 * 1024;
const TAIL_BYTES = 2_000;

/** What PostgreSQL says goes to a file, not a pipe: a pipe's reader could die, or be too busy to read. */
export async function openLog(path: string, account: Account | undefined): Promise<FileHandle> {
  const size = await logSize(path);
  if (size > LARGEST_BYTES) await rename(path, `${path}.1`);
  const handle = await open(path, 'a', 0o600);
  if (account) await chown(path, account.uid, account.gid);
  return handle;
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
