import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EmbeddedPostgres, EmbeddedPostgresError, startEmbeddedPostgres } from '@musubi/database';
import pg from 'pg';
import { processIdentity } from '../src/embedded/process-identity.js';
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

/** As if the process that owned the folder had died. */
async function forgetOwner(): Promise<void> {
  const claims = (await readdir(dataDir)).filter((name) => name.startsWith('owner.'));
  await Promise.all(claims.map((name) => rm(join(dataDir, name))));
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

  it('is durable, listens on 127.0.0.1 alone and has no socket in the file system', async () => {
    const { url } = await start();
    const settings = await ask(
      url,
      `select name, setting from pg_settings where name in
       ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'unix_socket_directories') order by 1`,
    );
    expect(settings.map(({ name, setting }) => [name, setting])).toEqual([
      ['fsync', 'on'],
      ['full_page_writes', 'on'],
      ['listen_addresses', '127.0.0.1'],
      ['synchronous_commit', 'on'],
      ['unix_socket_directories', ''],
    ]);
  });

  it('lets no one in without the secret, which only its owner can read', async () => {
    const { url, port } = await start();
    const stranger = `postgres://musubi@127.0.0.1:${port}/postgres`;
    await expect(ask(stranger, 'select 1')).rejects.toThrow('password');
    await expect(ask(url.replace(/:[^:@]+@/, ':guess@'), 'select 1')).rejects.toThrow(
      'authentication failed',
    );
    const modes = ['.', 'password', 'pgdata'].map(
      async (name) => (await stat(join(dataDir, name))).mode & 0o777,
    );
    expect(await Promise.all(modes)).toEqual([0o700, 0o600, 0o700]);
  });

  it('takes another port when the last one is taken', async () => {
    const first = await start();
    await first.stop();
    const squatter = await startEmbeddedPostgres({ dataDir: join(await newFolder(), 'data') });
    started.push(squatter);
    await writeFile(join(dataDir, 'port'), `${squatter.port}\n`);
    const second = await start();
    expect(second.port).not.toBe(squatter.port);
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

  it('stops the server that a dead owner left running, and loses nothing', async () => {
    const orphan = await start();
    await ask(orphan.url, 'create table kept as select 7 as seven');
    await forgetOwner();
    const server = await start();
    expect(await processIdentity(orphan.pid)).toBeUndefined();
    expect(await ask(server.url, 'table kept')).toEqual([{ seven: 7 }]);
  });

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
