import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { linkLibraries } from '../src/libraries.js';
import { startChild } from './support/child.js';
import {
  expectOpenCheckout,
  IS_ROOT,
  newFolder,
  newFolderOf,
  NOBODY,
  removeFolders,
} from './support/folders.js';

const LINKS = [
  { source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so' },
  { source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' },
];

let packageDir: string;

beforeEach(async () => {
  packageDir = await newFolder();
  await mkdir(join(packageDir, 'native', 'lib'), { recursive: true });
  await writeFile(join(packageDir, 'native', 'lib', 'libx.so.1.2'), 'a library');
  await writeFile(join(packageDir, 'native', 'pg-symlinks.json'), JSON.stringify(LINKS));
});
afterAll(removeFolders);

describe('linkLibraries', () => {
  it('makes the links beside the libraries, by several processes at once and again', async () => {
    const link = (): Promise<Record<string, string>> => linkLibraries(packageDir, '/nowhere');
    expect(await Promise.all([link(), link(), link()])).toEqual([{}, {}, {}]);
    expect(await link()).toEqual({});
    expect(await readFile(join(packageDir, 'native', 'lib', 'libx.so.1'), 'utf8')).toBe('a library');
  });

  it('makes them elsewhere when the package is read-only, and tells the loader where', async () => {
    await chmod(packageDir, 0o755);
    await chmod(join(packageDir, 'native', 'lib'), 0o555);
    // Root may write anywhere, so there it is done by someone who may not.
    if (IS_ROOT) await expectOpenCheckout();
    const account = IS_ROOT ? NOBODY : {};
    const fallback = join(IS_ROOT ? await newFolderOf(NOBODY) : await newFolder(), 'libraries');
    const child = startChild('link.child.ts', [packageDir, fallback], account);
    const search = `${fallback}:${join(packageDir, 'native', 'lib')}`;
    expect(await child.next()).toEqual({ LD_LIBRARY_PATH: search, DYLD_LIBRARY_PATH: search });
    expect(await readFile(join(fallback, 'libx.so.1'), 'utf8')).toBe('a library');
  });
});
