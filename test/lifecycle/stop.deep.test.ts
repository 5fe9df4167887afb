import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { type Run, leftovers, runService } from './run.js';

let dataDir: string;
let run: Run;
const sockets: Socket[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'musubi-lifecycle-'));
  run = runService({ DATA_DIR: dataDir });
  await run.serves;
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  run.kill('SIGKILL');
  await run.ended;
  await rm(dataDir, { recursive: true, force: true });
});

const port = (): number => Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(run.output())?.[1]);

/** Waits until it has begun to stop, which a busy machine may do some time after the signal. */
async function untilItStops(): Promise<void> {
  await until(async () => {
    const socket = connect(port(), '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    await expect(once(socket, 'connect')).rejects.toThrow('ECONNREFUSED');
  });
}

const HALF_A_REQUEST = [
  'POST /v1/agents HTTP/1.1',
  'host: x',
  'content-type: application/json',
  'content-length: 9',
  'expect: 100-continue',
  '',
  '{',
].join('\r\n');

/**
 * A request that never ends: the service waits for it as long as it waits for anything. It is in hand once the service has
 * asked for the rest.
 */
async function halfRequest(): Promise<Socket> {
  const socket = connect(port(), '127.0.0.1').on('error', () => undefined);
  sockets.push(socket);
  const asked = once(socket, 'data');
  socket.write(HALF_A_REQUEST);
  expect(String((await asked)[0])).toContain('100 Continue');
  return socket;
}

/** PostgreSQL and all its processes. */
async function databasePids(): Promise<readonly number[]> {
  const [first] = (await readFile(join(dataDir, 'pgdata', 'postmaster.pid'), 'utf8')).split('\n');
  const parent = Number(first);
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const parents = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    }),
  );
  return [parent, ...pids.filter((_, index) => parents[index] === parent)];
}

describe('a service that is told to stop', () => {
  it('cuts a request that does not end, and ends well', async () => {
    const socket = await halfRequest();
    const cut = once(socket, 'close');

    run.kill('SIGTERM');

    expect(await run.ended).toEqual({ code: 0, signal: null });
    await cut;
    expect(await leftovers(dataDir)).toEqual([]);
  });

  it('ends at once when it is told again', async () => {
    await halfRequest();
    run.kill('SIGTERM');
    await untilItStops();
    // Longer than two signals of one Ctrl-C are apart.
    await sleep(400);
    run.kill('SIGINT');

    expect(await run.ended).toEqual({ code: 130, signal: null });
    await until(async () => {
      expect(await leftovers(dataDir)).toEqual([]);
    });
  });

  it('takes two signals of one Ctrl-C for one', async () => {
    run.kill('SIGINT');
    run.kill('SIGINT');

    expect(await run.ended).toEqual({ code: 0, signal: null });
  });

  it('ends although its database is suspended, and takes that along', async () => {
    const pids = await databasePids();
    expect(pids.length).toBeGreaterThan(3);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');

    run.kill('SIGTERM');

    const { signal } = await run.ended;
    expect(signal).toBeNull();
    expect(await leftovers(dataDir)).toEqual([]);
  });
});
