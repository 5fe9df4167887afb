import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmbeddedPostgres } from '@musubi/embedded-postgres';
import { startChild } from './support/child.js';
import { expectOpenCheckout, IS_ROOT, newFolder, NOBODY, removeFolders } from './support/folders.js';

afterAll(removeFolders);

/** The sockets of a process that are not Unix sockets, and therefore have a port. */
async function portsOf(pid: number): Promise<readonly string[]> {
  const fds = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  const inodes = links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
  const tables = ['tcp', 'tcp6', 'udp', 'udp6'].map((table) =>
    readFile(`/proc/${pid}/net/${table}`, 'utf8').catch(() => ''),
  );
  const lines = (await Promise.all(tables)).flatMap((table) => table.split('\n'));
  return lines.filter((line) => inodes.some((inode) => line.split(/\s+/).includes(inode)));
}

async function serveTwice(dataDir: string): Promise<readonly string[]> {
  const ports: string[] = [];
  for (let round = 0; round < 2; round += 1) {
    const server = await startEmbeddedPostgres({ dataDir });
    ports.push(...(await portsOf(server.pid)));
    await server.stop();
  }
  return ports;
}

describe('the server', () => {
  it('has no port', async () => {
    expect(await serveTwice(join(await newFolder(), 'data'))).toEqual([]);
  });
});

function describeAsRoot(): void {
  describe('another user of the machine', () => {
    beforeAll(expectOpenCheckout);

    it.each([
      ['in the data folder', 'data'],
      ['among the temporary files', 'x'.repeat(100)],
    ])('reaches no socket and no secret while a server %s starts, runs and stops', async (_, name) => {
      const folder = await newFolder();
      const dataDir = join(folder, name);
      const stranger = startChild('stranger.child.ts', [dataDir, basename(folder)], NOBODY);
      await stranger.next();

      await serveTwice(dataDir);

      stranger.signal('SIGINT');
      const { got, rounds } = await stranger.next<{ got: string[]; rounds: number }>();
      expect(got).toEqual([]);
      expect(rounds).toBeGreaterThan(1);
      await stranger.exit;
    });
  });
}

// An ordinary user cannot become another one.
if (IS_ROOT) describeAsRoot();
