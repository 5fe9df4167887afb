import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataDirectoryInUseError, removeDataFolder, startEmbeddedPostgres } from '@musubi/embedded-postgres';
import pg from 'pg';
import { PATIENCE_MS } from '../../../test/support/patience.js';
import { pollUntil } from '../src/poll.js';
import { processIdentity } from '../src/process-identity.js';
import { type Child, startChild } from './support/child.js';
import { newFolder, pathWith, removeFolders } from './support/folders.js';

let dataDir: string;
const children: Child[] = [];

function run(script: string): Child {
  const child = startChild(script, [dataDir]);
  children.push(child);
  return child;
}

function ends(pid: number): Promise<boolean> {
  const isGone = async (): Promise<boolean> => (await processIdentity(pid)) === undefined;
  return pollUntil(isGone, { every: 20, within: PATIENCE_MS });
}

async function readAll(sql: string): Promise<unknown[]> {
  const server = await startEmbeddedPostgres({ dataDir });
  const client = new pg.Client(server.url);
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  await server.stop();
  return rows;
}

beforeEach(async () => {
  dataDir = join(await newFolder(), 'data');
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if ((await processIdentity(child.pid)) !== undefined) child.signal('SIGKILL');
    await child.exit;
  }
});
afterAll(removeFolders);

describe('the server and the process that started it', () => {
  it('ends when that process is killed while writing, and the next start has every acknowledged row', async () => {
    const acknowledged: number[] = [];
    for (const round of [1, 2]) {
      if (round === 2) dataDir = join(await newFolder(), 'data');
      acknowledged.length = 0;
      const child = run('write.child.ts');
      const { pid } = await child.next<{ pid: number }>();
      while (acknowledged.length < 500) acknowledged.push((await child.next<{ number: number }>()).number);
      child.signal('SIGKILL');
      acknowledged.push(...(await remaining(child)));
      // The first round waits for the server to end; the second starts the next one into its dying.
      if (round === 1) expect(await ends(pid)).toBe(true);
      const rows = (await readAll('table written')) as { number: number }[];
      const stored = new Set(rows.map(({ number }) => number));
      expect(acknowledged.filter((number) => !stored.has(number))).toEqual([]);
    }
  });

  async function remaining(child: Child): Promise<number[]> {
    const numbers: number[] = [];
    for (;;) {
      const line = await child.next<{ number: number }>().catch(() => undefined);
      if (line === undefined) return numbers;
      numbers.push(line.number);
    }
  }

  it('is stopped by the next start where it outlives that process, and loses nothing', async () => {
    const child = startChild('write.child.ts', [dataDir], {
      env: { PATH: await pathWith('sh', 'unshare', 'flock') },
    });
    children.push(child);
    const { pid } = await child.next<{ pid: number }>();
    const { number } = await child.next<{ number: number }>();
    child.signal('SIGKILL');
    await child.exit;
    expect(await processIdentity(pid)).toBeDefined();

    expect(await readAll(`select number from written where number = ${number}`)).toEqual([{ number }]);
    expect(await processIdentity(pid)).toBeUndefined();
  });

  it('does not keep that process alive, and ends with it', async () => {
    const child = run('leave.child.ts');
    const { pid } = await child.next<{ pid: number }>();
    expect(await child.exit).toBe(0);
    expect(await ends(pid)).toBe(true);
  });

  it('outlives a Ctrl-C until that process has drained and stops it', async () => {
    const child = run('serve.child.ts');
    const { pid } = await child.next<{ pid: number }>();
    child.signal('SIGINT', 'group');
    expect(await child.next()).toEqual({ answer: 42 });
    expect(await child.exit).toBe(0);
    expect(await processIdentity(pid)).toBeUndefined();
  });

  it('is refused to a second live process, and the first one keeps it', async () => {
    const first = run('serve.child.ts');
    const { url } = await first.next<{ url: string }>();
    const second = run('serve.child.ts');
    const { error } = await second.next<{ error: { name: string; message: string } }>();
    expect(error.name).toBe('DataDirectoryInUseError');
    expect(error.message).toContain(`process ${first.pid}`);
    const client = new pg.Client(url);
    await client.connect();
    await client.end();
  });

  it('is given to one only of several processes that start at the same moment', async () => {
    const all = Array.from({ length: 4 }, () => run('serve.child.ts'));
    const answers = await Promise.all(all.map((child) => child.next<{ url?: string }>()));
    expect(answers.filter(({ url }) => url !== undefined)).toHaveLength(1);
  });

  it('has its folder removed only when that process is gone, and is stopped before', async () => {
    const child = run('serve.child.ts');
    const { pid } = await child.next<{ pid: number }>();
    await expect(removeDataFolder(dataDir)).rejects.toThrow(DataDirectoryInUseError);
    child.signal('SIGKILL');
    await child.exit;
    await removeDataFolder(dataDir);
    expect([existsSync(dataDir), await processIdentity(pid)]).toEqual([false, undefined]);
  });
});
