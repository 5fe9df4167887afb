import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isDataDirectoryInUse } from '@musubi/embedded-postgres';
import pg from 'pg';
import { type FoundProcess, processesNaming } from '../../../test/support/processes.js';
import { until } from '../../../test/support/until.js';
import { processIdentity } from '../src/process-identity.js';
import { type Child, startChild } from './support/child.js';
import { IS_ROOT, newFolder, pathWith, removeFolders } from './support/folders.js';

/** As containers are: processes and shared memory of their own, and the same folder. */
const CONTAINER = [
  ...['unshare', '--pid', '--ipc', '--fork', '--mount-proc', '--kill-child'],
  ...(IS_ROOT ? [] : ['--user', '--map-root-user']),
];

interface Answer {
  readonly url?: string;
  readonly error?: { readonly name: string; readonly message: string };
}

let dataDir: string;
const children: Child[] = [];

function start(script: string, through: readonly string[] = [], env = process.env): Child {
  const child = startChild(script, [dataDir], { through, env });
  children.push(child);
  return child;
}

async function kill(child: Child): Promise<void> {
  child.signal('SIGKILL');
  await child.exit;
}

async function ask({ url = '' }: Answer, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
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

describe.each([
  ['beside a container', [], CONTAINER],
  ['in a container', CONTAINER, []],
  ['in one container beside another', CONTAINER, CONTAINER],
])('a data folder whose owner runs %s', (_, first, second) => {
  it('is refused to the second, which changes nothing, and is free when the first is killed', async () => {
    const owner = start('serve.child.ts', first);
    const served = await owner.next<Answer>();
    await ask(served, 'create table kept as select 7 as seven');
    const lockFile = join(dataDir, 'pgdata', 'postmaster.pid');
    const before = await readFile(lockFile, 'utf8');

    expect(await start('serve.child.ts', second).next<Answer>()).toEqual({
      error: {
        name: 'DataDirectoryInUseError',
        message: expect.stringContaining('a process in another container'),
      },
    });
    expect([await readFile(lockFile, 'utf8'), await isDataDirectoryInUse(dataDir)]).toEqual([before, true]);
    expect(await ask(served, 'insert into kept values (8) returning seven')).toEqual([{ seven: 8 }]);

    await kill(owner);
    const next = await start('serve.child.ts', second).next<Answer>();
    expect(next.error).toBeUndefined();
    expect(await ask(next, 'table kept')).toEqual([{ seven: 7 }, { seven: 8 }]);
  });
});

describe('a server in another container that outlives its owner', () => {
  it('is waited for', async () => {
    // Without setpriv nothing ends it, and the shell keeps the container alive.
    const env = { PATH: await pathWith('sh', 'unshare', 'flock', 'sleep') };
    const owner = start('serve.child.ts', [...CONTAINER, 'sh', '-c', '"$@" & wait; sleep 600', 'sh'], env);
    await ask(await owner.next<Answer>(), 'create table kept as select 7 as seven');
    // The shells name the script, too.
    endOne(await processesNaming('serve.child.ts', dataDir), process.execPath, 'SIGKILL');
    await until(async () => {
      expect(await isDataDirectoryInUse(dataDir)).toBe(false);
    });

    const answer = start('serve.child.ts').next<Answer>();
    await until(async () => {
      expect(await isDataDirectoryInUse(dataDir)).toBe(true);
    });
    endOne(await processesNaming('-D', join(dataDir, 'pgdata')), '', 'SIGQUIT');

    expect(await ask(await answer, 'table kept')).toEqual([{ seven: 7 }]);
  });
});

/** Signals the first whose command line begins so, and nobody else. */
function endOne(found: readonly FoundProcess[], beginning: string, signal: NodeJS.Signals): void {
  const one = found.find(({ commandLine }) => commandLine.startsWith(beginning));
  if (one === undefined) throw new Error(`no process runs ${beginning}`);
  process.kill(one.pid, signal);
}
