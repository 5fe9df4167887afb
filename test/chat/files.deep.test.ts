import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { serviceDatabase } from '../../apps/api/src/node/database.js';
import { type ServiceProcess, startServiceProcess } from '../../apps/api/test/support/service-process.js';
import { type ChatProcess, startChat } from './chat-process.js';

const CONTENT = randomBytes(600_000);
const PASSPHRASE = { MUSUBI_PASSPHRASE: 'correct horse battery staple' };

let database: TestDatabase;
let service: ServiceProcess;
let folder: string;
let alice: ChatProcess;
let bob: ChatProcess;

const wordsOf = (name: string): readonly string[] => [
  ...['--as', name, '--url', service.url, '--data', join(folder, 'data')],
];
const pathOf = (name: string): string => join(folder, name);

beforeAll(async () => {
  database = await openTestDatabase(serviceDatabase);
  service = await startServiceProcess({
    ...{ PORT: '0', DATABASE_URL: database.url, NODE_SECRET: `${'a'.repeat(42)}A`, LOG_LEVEL: 'warn' },
  });
  folder = await mkdtemp(join(tmpdir(), 'musubi-chat-files-'));
  await mkdir(pathOf('here'));
  await mkdir(pathOf('saved'));
  await writeFile(pathOf('notes.bin'), CONTENT);
  await writeFile(pathOf('.hidden'), 'hidden');
  // As npm says where the user is.
  const environment = { ...PASSPHRASE, INIT_CWD: pathOf('here') };
  bob = startChat(wordsOf('bob'), environment);
  await bob.shows('You are bob, new here.');
  alice = startChat([...wordsOf('alice'), '--to', 'bob'], environment);
  await alice.shows('You write to bob on pairwise-dht.');
});

afterAll(async () => {
  for (const chat of [alice, bob]) chat.kill('SIGKILL');
  await Promise.all([alice.ended, bob.ended]);
  await service.end('SIGTERM');
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a file in two chats', () => {
  it('is sent by its path, and shown by its name, size and id, with what is said after it', async () => {
    alice.type('/file ../notes.bin\nas agreed\n');

    await alice.shows(/you → bob: \[notes\.bin, 600000 bytes\] {2}✓✓\n/);
    await bob.shows(/alice: \[notes\.bin, 600000 bytes\]\n/);
    await bob.shows(/- File 1: notes\.bin, 600000 bytes, [\w-]{43}\. \/save 1 keeps it\.\n/);
    await bob.shows('alice: as agreed');
    // It is sent first. The text may arrive before it.
    expect(alice.output().indexOf('notes.bin')).toBeLessThan(alice.output().indexOf('as agreed'));
    // Its path is nobody else's business.
    expect(bob.output()).not.toContain(folder);
  });

  it('is saved under its name, elsewhere, and by its id', async () => {
    const [, id = ''] = /File 1: .* ([\w-]{43})\./.exec(bob.output()) ?? [];
    bob.type(`/save 1\n/save ${id} ../saved\n/save 1 ../saved/other\n`);

    for (const path of ['here/notes.bin', 'saved/notes.bin', 'saved/other']) {
      await bob.shows(`Saved ${pathOf(path)}, 600000 bytes.`);
      expect(Buffer.compare(await readFile(pathOf(path)), CONTENT)).toBe(0);
    }
    expect((await readdir(pathOf('saved'))).sort()).toEqual(['notes.bin', 'other']);
  });

  it('does not replace another one', async () => {
    await writeFile(pathOf('saved/mine'), 'mine');
    bob.type('/save 1 ../saved/mine\n');

    await bob.shows(`${pathOf('saved/mine')} is there already.`);
    expect(await readFile(pathOf('saved/mine'), 'utf8')).toBe('mine');
  });

  it('is not sent, or saved, when there is none', async () => {
    alice.type('/file ../missing\n/file ..\n/file\n/save 7\n/save 1 ../nowhere/x\n');

    await alice.shows('missing: there is no such file or folder.');
    await alice.shows(`${folder} is a folder.`);
    await alice.shows('/file <path> sends a file.');
    await alice.shows('Which file? Those that were shown have numbers: /save 1. There are 0.');
    await alice.shows('Which file?');
  });

  it('gets another name where its own would be hidden', async () => {
    alice.type('/file ../.hidden\n');
    await bob.shows('- File 2: .hidden, 6 bytes');
    bob.type('/save 2 ../saved\n');

    await bob.shows(`Saved ${pathOf('saved/_hidden')}, 6 bytes.`);
  });

  it('has a number in the history, too', async () => {
    alice.type('/history\n');

    await alice.shows(/- File \d: notes\.bin/);
    await alice.shows(/- File \d: \.hidden/);
  });
});
