import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders: string[] = [];

export const IS_ROOT = process.getuid?.() === 0;
export const NOBODY = { uid: 65534, gid: 65534 };

/** A folder of our own with mode 0700, removed by `removeFolders`. */
export async function newFolder(): Promise<string> {
  // Not the prefix of the test server's folder, which the next run sweeps away.
  const folder = await mkdtemp(join(tmpdir(), 'musubi-case-'));
  folders.push(folder);
  return folder;
}

export async function newFolderOf({ uid, gid }: typeof NOBODY): Promise<string> {
  const folder = await newFolder();
  await chown(folder, uid, gid);
  return folder;
}

export async function removeFolders(): Promise<void> {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}
