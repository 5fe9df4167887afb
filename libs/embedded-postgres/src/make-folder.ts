import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { hasCode, messageOf } from '@musubi/database';

/**
 * Makes a folder and those above it, unless they exist. Node's own recursive `mkdir` tries for ever where the file
 * system has no room for folders and answers ENOENT, as /proc does.
 * @returns the topmost folder that was made, if any
 * @throws Error with what the system says: EACCES, ENOENT, ENOSPC, ENOTDIR, EROFS …
 */
export async function makeFolder(path: string, mode = 0o777): Promise<string | undefined> {
  const missing: string[] = [];
  try {
    for (let folder = resolve(path); !(await exists(folder)); folder = dirname(folder))
      missing.unshift(folder);
    for (const folder of missing) await make(folder, mode);
    return missing[0];
  } catch (cause) {
    throw new Error(`The folder ${resolve(path)} cannot be made: ${messageOf(cause)}`, { cause });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Another process may be making it too. */
async function make(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}
