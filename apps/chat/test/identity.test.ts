import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { keepAgent, knownAgent } from '../src/identity.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musubi-identity-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it('takes the place of an earlier file, and leaves no other one', async () => {
  const place = { folder, url: 'http://127.0.0.1:3000', nickname: 'alice' };
  await keepAgent(place, 'an-older-key');
  const path = join(folder, '127.0.0.1%3A3000', 'alice.agent');
  const before = await stat(path);

  await keepAgent(place, 'a-key');

  expect(await knownAgent(place)).toBe('a-key');
  expect(await readFile(path, 'utf8')).toBe('a-key\n');
  // A file that is written over keeps its number: who reads meanwhile sees half of it.
  expect((await stat(path)).ino).not.toBe(before.ino);
  expect(await readdir(join(path, '..'))).toEqual(['alice.agent']);
});
