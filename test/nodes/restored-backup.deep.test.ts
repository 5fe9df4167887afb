import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openTestDatabase } from '@musubi/database/testing';
import { type Agent } from '../../apps/api/test/support/client.js';
import { ServiceEndedError } from '../../apps/api/test/support/service-process.js';
import { serviceDatabase } from '../../apps/api/src/node/database.js';
import { LinkedNode } from './support/linked-node.js';

const PATIENTLY = { headers: { prefer: 'wait=30' } } as const;
const PLACEMENTS = ['source-chain', 'pairwise-dht'] as const;

let folder: string;
let here: LinkedNode;
let there: LinkedNode;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musubi-backup-'));
  [here, there] = await Promise.all([
    LinkedNode.start({ DATA_DIR: join(folder, 'data') }),
    LinkedNode.start(),
  ]);
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

/** Everything but the marks, which stay where they are. */
async function copy(from: string, to: string): Promise<void> {
  for (const name of await readdir(to).catch(() => []))
    if (name !== 'marks') await rm(join(to, name), { recursive: true, force: true });
  for (const name of await readdir(from))
    if (name !== 'marks') await cp(join(from, name), join(to, name), { recursive: true });
}

async function send(from: Agent, to: Agent): Promise<readonly string[]> {
  const sent = [];
  for (const placement of PLACEMENTS) sent.push(await here.client.send(placement, from, to, PATIENTLY));
  return sent.map(({ status }) => status);
}

it('refuses to start on a database older than what it has signed, until its owner goes on', async () => {
  const [alice, bob] = [await here.client.newAgent('alice'), await there.client.newAgent('bob')];
  const [data, backup] = [join(folder, 'data'), join(folder, 'backup')];
  expect(await here.take(alice, bob.agent, await there.cardOf(bob))).toEqual([200, '']);
  expect(await send(alice, bob)).toEqual(['delivered', 'delivered']);
  await here.end('SIGTERM');
  await copy(data, backup);

  // What was not restored is no backup.
  await here.startAgain('127.0.0.1:0');
  expect(await send(alice, bob)).toEqual(['delivered', 'delivered']);
  await here.end('SIGTERM');
  await copy(backup, data);

  const refused = await here.startAgain('127.0.0.1:0').then(
    () => null,
    (error: unknown) => error,
  );
  if (!(refused instanceof ServiceEndedError)) throw new Error('it started');
  expect(refused.exitCode).toBe(2);
  const mark = /ACCEPT_RESTORED=(\d+)/.exec(refused.output)?.[1] ?? '';
  expect(mark).toMatch(/^\d+$/);

  await here.startAgain('127.0.0.1:0', { ACCEPT_RESTORED: mark });
  await here.end('SIGTERM');
  await here.startAgain('127.0.0.1:0');
  const { items } = await here.client.get('messages', '/v1/strategies/source-chain/messages', alice);
  expect(items).toHaveLength(1);
});

it('ends when its database is restored under it, and does not start on it', async () => {
  const database = await openTestDatabase(serviceDatabase);
  const node = await LinkedNode.start({
    DATABASE_URL: database.url,
    NODE_SECRET: `${'a'.repeat(42)}A`,
  });
  try {
    const [alice, bob] = [await node.client.newAgent('alice'), await node.client.newAgent('bob')];
    const say = (): Promise<unknown> => node.client.send('source-chain', alice, bob, PATIENTLY);
    await say();
    await database.dataSource.query('update write_mark set mark = mark - 5');
    // Marking takes turns: the commits of before may be marked with those of after.
    await say();
    expect(await node.ended).toBe(1);
    expect(node.output()).toContain('database-older-than-before');

    const refused = await node.startAgain('127.0.0.1:0').then(
      () => null,
      (error: unknown) => error,
    );
    if (!(refused instanceof ServiceEndedError)) throw new Error('it started');
    expect([refused.exitCode, refused.output]).toEqual([2, expect.stringContaining('ACCEPT_RESTORED')]);
  } finally {
    await node.close();
    await database.close();
  }
});
