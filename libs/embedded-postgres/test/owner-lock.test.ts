import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataDirectoryInUseError, isDataDirectoryInUse } from '@musubi/embedded-postgres';
import { acquireOwnerLock } from '../src/owner-lock.js';
import { newFolder, removeFolders } from './support/folders.js';

let dataDir: string;

beforeEach(async () => {
  dataDir = await newFolder();
});
afterAll(removeFolders);

describe('the owner lock', () => {
  it('is held until released', async () => {
    const lock = await acquireOwnerLock(dataDir);
    expect(await isDataDirectoryInUse(dataDir)).toBe(true);
    await expect(acquireOwnerLock(dataDir)).rejects.toThrow(DataDirectoryInUseError);
    await lock.release();
    expect(await isDataDirectoryInUse(dataDir)).toBe(false);
  });

  it('goes to one only of those who find it abandoned at the same moment', async () => {
    await writeFile(join(dataDir, 'owner.7'), JSON.stringify({ pid: 1, identity: 'a boot long ago/1' }));
    const tries = Array.from({ length: 8 }, () => acquireOwnerLock(dataDir));
    const settled = await Promise.allSettled(tries);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(dataDir)).toEqual(['lock', 'owner.8']);
  });

  it('is not held by a process that only has the same number', async () => {
    await writeFile(
      join(dataDir, 'owner.1'),
      JSON.stringify({ pid: process.pid, identity: 'another start' }),
    );
    await expect(acquireOwnerLock(dataDir)).resolves.toBeDefined();
  });

  it('is not held by a claim that a power failure cut short', async () => {
    await writeFile(join(dataDir, 'owner.1'), '{"pid": 1, "iden');
    await expect(acquireOwnerLock(dataDir)).resolves.toBeDefined();
  });

  it('is not waited for by a start that is told to stop', async () => {
    const claim = { pid: 1, identity: 'unknown', namespace: 'another kernel/pid:[1]' };
    await writeFile(join(dataDir, 'owner.1'), JSON.stringify(claim));
    const reason = new Error('stopped');
    await expect(acquireOwnerLock(dataDir, AbortSignal.abort(reason))).rejects.toThrow(reason);
  });

  it('is held by the kernel, whatever becomes of the claim', async () => {
    const lock = await acquireOwnerLock(dataDir);
    await rm(join(dataDir, 'owner.1'));
    await expect(acquireOwnerLock(dataDir)).rejects.toThrow('another process');
    await lock.release();
    await expect(acquireOwnerLock(dataDir)).resolves.toBeDefined();
  });

  it('is not held in a folder that is not there', async () => {
    expect(await isDataDirectoryInUse(join(dataDir, 'none'))).toBe(false);
  });
});
