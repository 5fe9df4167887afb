import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { localName, newPath, pathFrom, readLocal, writeLocal } from '../src/local-files.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musubi-chat-files-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

// eslint-disable-next-line @typescript-eslint/require-await -- what comes from a network comes later
async function* bytesOf(...parts: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield Buffer.from(part);
  }
}

describe('a file that is sent', () => {
  it('has its bytes, and the last part of its path for a name', async () => {
    await writeFile(join(folder, 'notes.txt'), 'hello');

    const file = await readLocal(join(folder, 'notes.txt'));

    expect([file.name, Buffer.from(file.content).toString()]).toEqual(['notes.txt', 'hello']);
  });

  it('must be there, and be a file that is not empty and not too large', async () => {
    await writeFile(join(folder, 'empty'), '');
    await writeFile(join(folder, 'large'), '');
    await truncate(join(folder, 'large'), 15 * 1024 * 1024 + 1);
    await promisify(execFile)('mkfifo', [join(folder, 'pipe')]);

    const failure = (name: string): Promise<unknown> => readLocal(join(folder, name)).catch(String);
    expect(await failure('missing')).toContain('missing: there is no such file or folder.');
    expect(await failure('.')).toContain('is a folder.');
    expect(await failure('empty')).toContain('empty is empty.');
    expect(await failure('large')).toContain('large has 15728641 bytes. A file has at most 15728640.');
    expect(await failure('pipe')).toContain('pipe is not a file.');
    expect(await failure('empty/more')).toContain('a part of it is not a folder.');
  });

  it('must be readable', async () => {
    await writeFile(join(folder, 'secret'), 'secret');
    await chmod(join(folder, 'secret'), 0);

    const outcome = await readLocal(join(folder, 'secret')).catch(String);

    // Root may read everything.
    if (process.getuid?.() !== 0) expect(outcome).toContain('secret: you may not.');
  });
});

describe('the name of a file that is received', () => {
  it.each([
    ['notes.pdf', 'notes.pdf'],
    ['結び 1.pdf', '結び 1.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\win.ini', 'win.ini'],
    ['/etc/', 'file'],
    ['..', '_'],
    ['', 'file'],
    ['.profile', '_profile'],
    ['-rf', '_rf'],
    ['a\nb\u001B[2J\u009B', 'a_b_[2J_'],
    ['a\u202Efdp.exe', 'a_fdp.exe'],
    ['a:b|c', 'a_b_c'],
    ['a. . ', 'a'],
  ])('%j becomes %j', (name, local) => {
    expect(localName(name)).toBe(local);
  });

  it('is used in a folder, and not where the user says another one', async () => {
    expect(await newPath(folder, '../x')).toBe(join(folder, 'x'));
    expect(await newPath(join(folder, 'other'), 'x')).toBe(join(folder, 'other'));
  });

  it('is that of no file that is there, and of no link', async () => {
    await writeFile(join(folder, 'x'), 'old');
    await symlink(join(folder, 'nowhere'), join(folder, 'y'));

    expect(await newPath(folder, 'x').catch(String)).toContain('is there already');
    expect(await newPath(join(folder, 'y'), 'x').catch(String)).toContain('is there already');
  });
});

describe('a file that is saved', () => {
  it('is there when it is whole, for its user alone', async () => {
    const path = join(folder, 'new');

    await writeLocal(path, bytesOf('hel', 'lo'));

    expect(await readFile(path, 'utf8')).toBe('hello');
    expect(await readdir(folder)).toEqual(['new']);
  });

  it('leaves nothing when it breaks off', async () => {
    const broken = writeLocal(join(folder, 'new'), bytesOf('hel', new Error('broken off')));

    expect(await broken.catch(String)).toBe('Error: broken off');
    expect(await readdir(folder)).toEqual([]);
  });

  it('does not replace one that has come meanwhile', async () => {
    const path = join(folder, 'new');
    const content = (async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('hel');
      await writeFile(path, 'mine');
      yield Buffer.from('lo');
    })();

    expect(await writeLocal(path, content).catch(String)).toContain('is there already');
    expect(await readFile(path, 'utf8')).toBe('mine');
    expect(await readdir(folder)).toEqual(['new']);
  });

  it('needs a folder', async () => {
    const failure = await writeLocal(join(folder, 'none', 'new'), bytesOf('hello')).catch(String);

    expect(failure).toContain('none: there is no such file or folder.');
    await mkdir(join(folder, 'none'));
    expect(await readdir(folder, { recursive: true })).toEqual(['none']);
  });

  it('may be named from the home of the user', () => {
    expect(pathFrom('/home/bob', '~/x')).toMatch(/^\/.*\/x$/);
    expect([pathFrom('/home/bob', 'x'), pathFrom('/home/bob', '/x'), pathFrom('/home/bob', '~x')]).toEqual([
      '/home/bob/x',
      '/x',
      '/home/bob/~x',
    ]);
  });
});
