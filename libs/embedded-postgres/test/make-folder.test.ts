import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { makeFolder } from '../src/make-folder.js';
import { newFolder, removeFolders } from './support/folders.js';

afterAll(removeFolders);

describe('a folder', () => {
  it('is made with those above it, and with its mode', async () => {
    const above = await newFolder();

    expect(await makeFolder(join(above, 'a', 'b'), 0o700)).toBe(join(above, 'a'));

    for (const folder of [join(above, 'a'), join(above, 'a', 'b')])
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('is left as it is where it exists', async () => {
    const folder = join(await newFolder(), 'a');
    await mkdir(folder, { mode: 0o755 });

    expect(await makeFolder(folder, 0o700)).toBeUndefined();
    expect((await stat(folder)).mode & 0o777).toBe(0o755);
  });

  it('is made once by several who ask at the same time', async () => {
    const folder = join(await newFolder(), 'a', 'b', 'c');

    await Promise.all(Array.from({ length: 8 }, () => makeFolder(folder)));

    expect((await stat(folder)).isDirectory()).toBe(true);
  });

  it('is refused below a file', async () => {
    const file = join(await newFolder(), 'file');
    await writeFile(file, '');

    await expect(makeFolder(join(file, 'a'))).rejects.toThrow('ENOTDIR');
  });

  it('is refused where the file system makes no folders', async () => {
    await expect(makeFolder('/proc/musubi/data')).rejects.toThrow(/ENOENT|EACCES|EPERM|EROFS/);
  });
});
