import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { isDataDirectoryInUse } from '@musubi/embedded-postgres';
import { beat } from '../src/heartbeat.js';
import { acquireOwnerLock } from '../src/owner-lock.js';
import { ownNamespace } from '../src/process-identity.js';
import { newFolder, removeFolders } from './support/folders.js';

let dataDir: string;

beforeEach(async () => {
  dataDir = await newFolder();
});
afterAll(removeFolders);

// A claim counts as abandoned after some 15 seconds without a touch, which each case waits out.
describe('the owner lock', () => {
  it.each([
    ['of another machine', 'another kernel/pid:[1]', true],
    ['of another container without a lock of the kernel', `${ownNamespace()}x`, false],
  ])('is held by a claim %s for as long as it is touched', async (_, namespace, isLocked) => {
    const path = join(dataDir, 'owner.1');
    await writeFile(path, JSON.stringify({ pid: 1, identity: 'unknown', namespace, isLocked }));
    const stopBeating = beat(path);
    await expect(acquireOwnerLock(dataDir)).rejects.toThrow('another machine');
    expect(await isDataDirectoryInUse(dataDir)).toBe(true);
    stopBeating();
    const lock = await acquireOwnerLock(dataDir);
    expect(await readdir(dataDir)).toEqual(['lock', 'owner.2']);
    await lock.release();
  });
});
