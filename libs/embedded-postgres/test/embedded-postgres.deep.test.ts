import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type EmbeddedPostgres,
  EmbeddedPostgresError,
  startEmbeddedPostgres,
} from '@musubi/embedded-postgres';
import pg from 'pg';
import { processIdentity } from '../src/process-identity.js';
import { newFolder, removeFolders } from './support/folders.js';

let dataDir: string;
const started: EmbeddedPostgres[] = [];

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir });
  started.push(server);
  return server;
}

type Row = Record<string, unknown>;

async function ask(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

beforeEach(async () => {
  dataDir = join(await newFolder(), 'data');
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop('immediate')));
});
afterAll(removeFolders);

describe('startEmbeddedPostgres', () => {
  it.each(['fast', 'immediate'] as const)('keeps the rows and the URL over a stop (%s)', async (mode) => {
    const first = await start();
    await ask(first.url, 'create table kept as select 7 as seven');
    await first.stop(mode);
    expect(await processIdentity(first.pid)).toBeUndefined();
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await ask(second.url, 'table kept')).toEqual([{ seven: 7 }]);
  });

  it('is durable, and listens on a socket in the data folder alone', async () => {
    const { url } = await start();
    const settings = await ask(
      url,
      `select name, setting from pg_settings where name in
       ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'unix_socket_directories') order by 1`,
    );
    expect(settings.map(({ name, setting }) => [name, setting])).toEqual([
      ['fsync', 'on'],
      ['full_page_writes', 'on'],
      ['listen_addresses', ''],
      ['synchronous_commit', 'on'],
      ['unix_socket_directories', `"${join(await realpath(dataDir), 'socket')}"`],
    ]);
  });

  it('lets no one in without the secret, and keeps secret and socket to its owner', async () => {
    const { url } = await start();
    await expect(ask(url.replace(/:[^:@]+@/, ':guess@'), 'select 1')).rejects.toThrow(
      'authentication failed',
    );
    const modes = ['.', 'password', 'pgdata', 'socket', 'socket/.s.PGSQL.5432'].map(
      async (name) => (await stat(join(dataDir, name))).mode & 0o777,
    );
    expect(await Promise.all(modes)).toEqual([0o700, 0o600, 0o700, 0o700, 0o700]);
  });

  it.each([
    ['is too long for a socket', 'd'.repeat(100)],
    ['is too long in bytes', 'あ'.repeat(30)],
  ])('has its socket in a private folder of its own where the data folder %s', async (_, name) => {
    dataDir = join(await newFolder(), name);
    const server = await start();
    const [row] = await ask(server.url, 'show unix_socket_directories');
    const folder = String(row?.['unix_socket_directories']).replaceAll('"', '');
    expect(folder.startsWith(dataDir)).toBe(false);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    await server.stop();
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });

  it('leaves alone what others have put where an earlier server had its socket', async () => {
    const theirs = await mkdtemp(join(tmpdir(), 'musubi-socket-'));
    await chmod(theirs, 0o755);
    await writeFile(join(theirs, 'kept'), '');
    await mkdir(dataDir, { recursive: true });
    await writeFile(join(dataDir, 'socket-folder'), theirs);

    await start();

    expect(await readdir(theirs)).toEqual(['kept']);
    await rm(theirs, { recursive: true });
  });

  it('has its socket in a data folder with any name', async () => {
    dataDir = join(await newFolder(), 'a, "b" % c:d@e ?#é');
    const { url } = await start();
    expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await readdir(join(dataDir, 'socket'))).toContain('.s.PGSQL.5432');
  });

  it('starts in spite of what a killed server has left of its socket', async () => {
    await mkdir(join(dataDir, 'socket'), { recursive: true });
    await writeFile(join(dataDir, 'socket', '.s.PGSQL.5432'), '');
    await writeFile(join(dataDir, 'socket', '.s.PGSQL.5432.lock'), `${process.pid}\n`);
    await expect(start()).resolves.toBeDefined();
  });

  it('starts in spite of a postmaster.pid whose process is dead', async () => {
    const gone = spawn('true');
    await once(gone, 'exit');
    await expect(startOverLockOf(gone.pid)).resolves.toBeDefined();
  });

  it('starts in spite of a postmaster.pid whose number a stranger has now, and spares the stranger', async () => {
    const stranger = spawn('sleep', ['600']);
    await expect(startOverLockOf(stranger.pid)).resolves.toBeDefined();
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
  });

  async function startOverLockOf(pid: number | undefined): Promise<EmbeddedPostgres> {
    const first = await start();
    const lockFile = join(dataDir, 'pgdata', 'postmaster.pid');
    const [, ...rest] = (await readFile(lockFile, 'utf8')).split('\n');
    await first.stop();
    await writeFile(lockFile, [String(pid), ...rest].join('\n'));
    return start();
  }

  it('makes a cluster anew where initdb was cut short', async () => {
    const first = await start();
    await first.stop();
    await rm(join(dataDir, 'pgdata'), { recursive: true });
    await writeFile(join(dataDir, 'pgdata.new'), 'half of something');
    expect(await ask((await start()).url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('says which file to restore when the password is gone', async () => {
    const first = await start();
    await first.stop();
    await rm(join(dataDir, 'password'));
    await expect(start()).rejects.toThrow(EmbeddedPostgresError);
    await expect(start()).rejects.toThrow(join(dataDir, 'password'));
  });

  it('stops once, however often it is asked, and frees the folder', async () => {
    const server = await start();
    await Promise.all([server.stop(), server.stop('immediate')]);
    await server.stop();
    await expect(start()).resolves.toBeDefined();
  });
});
