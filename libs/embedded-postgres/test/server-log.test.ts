import { appendFile, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { startEmbeddedPostgres } from '@musubi/embedded-postgres';
import pg from 'pg';
import { rotateOnce } from '../src/server-log.js';
import { newFolder, removeFolders } from './support/folders.js';

const MEGABYTE = 1024 * 1024;

afterAll(removeFolders);

describe("the server's log", () => {
  it('has nothing of statements that fail, however many', async () => {
    const dataDir = join(await newFolder(), 'data');
    const server = await startEmbeddedPostgres({ dataDir });
    const client = new pg.Client(server.url);
    await client.connect();
    await client.query('create table once (id integer primary key)');
    await client.query('insert into once values (4711)');
    const before = (await stat(join(dataDir, 'postgres.log'))).size;
    for (let repeat = 0; repeat < 50; repeat += 1) {
      await expect(client.query('insert into once values ($1)', [4711])).rejects.toThrow('once_pkey');
    }
    await client.end();

    const log = await readFile(join(dataDir, 'postgres.log'), 'utf8');
    expect([log.length - before, log.includes('4711'), log.includes('insert')]).toEqual([0, false, false]);
    await server.stop('immediate');
  });

  it('is two files of a megabyte, also for a server that keeps it open', async () => {
    const path = join(await newFolder(), 'postgres.log');
    const server = await open(path, 'a');
    for (let round = 0; round < 4; round += 1) {
      await server.write('x'.repeat(MEGABYTE + 1));
      await rotateOnce(path);
      expect([(await stat(path)).size, (await stat(`${path}.1`)).size]).toEqual([0, MEGABYTE + 1]);
    }
    await server.write('what comes next');
    await server.close();

    expect(await readFile(path, 'utf8')).toBe('what comes next');
  });

  it('keeps a small file as it is', async () => {
    const path = join(await newFolder(), 'postgres.log');
    await appendFile(path, 'a few words');
    await rotateOnce(path);

    expect(await readFile(path, 'utf8')).toBe('a few words');
  });
});
