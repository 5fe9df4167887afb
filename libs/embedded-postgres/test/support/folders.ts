import { chmod, chown, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

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

/** A PATH on which only these programs of the system are found. */
export async function pathWith(...programs: readonly string[]): Promise<string> {
  const folder = await newFolder();
  await chmod(folder, 0o755);
  for (const program of programs) await symlink(`/usr/bin/${program}`, join(folder, program));
  return folder;
}

/** @throws Error unless other accounts may enter the checkout, as one must that runs a program of it */
export async function expectOpenCheckout(): Promise<void> {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) !== 0) continue;
    throw new Error(
      `Other accounts may not enter the checkout, and root tests with them: chmod o+x ${folder}`,
    );
  }
}

export async function removeFolders(): Promise<void> {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}
