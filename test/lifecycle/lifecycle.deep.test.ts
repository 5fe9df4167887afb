import { readFile } from 'node:fs/promises';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { Client } from '../../apps/api/test/support/client.js';
import { ServiceEndedError, startServiceProcess } from '../../apps/api/test/support/service-process.js';
import { until } from '../support/until.js';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'musubi-lifecycle-'));
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

const start = (environment: Readonly<Record<string, string>> = {}): ReturnType<typeof startServiceProcess> =>
  startServiceProcess({ DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'warn', ...environment });

async function postgresPid(): Promise<number> {
  const [pid] = (await readFile(join(dataDir, 'pgdata', 'postmaster.pid'), 'utf8')).split('\n');
  return Number(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function endsBadly(starting: Promise<unknown>): Promise<ServiceEndedError> {
  const error: unknown = await starting.then(
    () => new Error('the service should have ended'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ServiceEndedError)) throw error;
  return error;
}

describe('a node on its embedded database', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('has every message again after %s', async (signal) => {
    const first = await start();
    const client = new Client(first.url);
    const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob', 'correct horse')];
    const sent = await Promise.all(STRATEGY_NAMES.map((strategy) => client.deliver(strategy, alice, bob)));
    await first.end(signal);

    const second = await start();
    const again = new Client(second.url);
    const body = { agent: bob.agent, passphrase: 'correct horse' };
    const { token } = await again.get('token', '/v1/sessions', { body });

    for (const [index, strategy] of STRATEGY_NAMES.entries()) {
      const path = `/v1/strategies/${strategy}/messages`;
      const { items } = await again.get('messages', path, { token: alice.token });
      expect(items).toEqual([sent[index]]);
      expect((await again.get('messages', path, { token })).items).toEqual([
        { ...sent[index], unread: true },
      ]);
      expect((await again.deliver(strategy, alice, bob)).status).toBe('delivered');
    }
    await second.end('SIGTERM');
  });

  it('leaves no process behind when it is interrupted', async () => {
    const service = await start();
    const pid = await postgresPid();

    const code = await service.end('SIGINT');

    expect([code, isAlive(pid)]).toEqual([0, false]);
  });

  it('leaves no database behind when it is killed', async () => {
    const service = await start();
    const pid = await postgresPid();

    await service.end('SIGKILL');

    await until(() => (isAlive(pid) ? Promise.reject(new Error('still there')) : Promise.resolve()));
  });

  it.each(['SIGKILL', 'SIGQUIT', 'SIGINT'] as const)(
    'starts its database again when that is ended by %s, and has every message',
    async (signal) => {
      const service = await start();
      const client = new Client(service.url);
      const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
      const sent = await client.deliver('source-chain', alice, bob);
      const pid = await postgresPid();

      process.kill(pid, signal);

      await until(async () => {
        expect(await postgresPid()).not.toBe(pid);
        const path = '/v1/strategies/source-chain/messages';
        const { items } = await client.get('messages', path, { token: bob.token });
        expect(items).toEqual([{ ...sent, unread: true }]);
      });
      // The first ones may find their connections ended.
      await until(() => client.deliver('source-chain', alice, bob));
      expect(await service.end('SIGTERM')).toBe(0);
      expect(service.output()).toContain('postgres.log');
    },
  );

  it('says so and ends when its database does not start again', async () => {
    const service = await start();
    await rename(join(dataDir, 'pgdata', 'PG_VERSION'), join(dataDir, 'pgdata', 'moved'));

    process.kill(await postgresPid(), 'SIGKILL');

    expect([await service.ended, service.output()]).toEqual([1, expect.stringContaining('postgres.log')]);
  });

  it('says so when its port is taken, before it makes anything', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;

    const { exitCode, output } = await endsBadly(start({ PORT: String(port) }));

    expect([exitCode, output]).toEqual([1, expect.stringContaining('EADDRINUSE')]);
    expect(await readdir(dataDir, { recursive: true })).toEqual([]);
    taken.close();
  });
});

describe('a contradictory environment', () => {
  it.each([
    ['a database without a secret', { DATABASE_URL: 'postgres://localhost/x' }, 'NODE_SECRET'],
    ['a Redis beside the embedded database', { REDIS_URL: 'redis://127.0.0.1' }, 'DATABASE_URL'],
    ['a Redis that is none', { REDIS_URL: 'http://127.0.0.1' }, 'REDIS_URL'],
    ['a port that is none', { PORT: 'abc' }, 'PORT'],
    ['a secret too short', { NODE_SECRET: 'short' }, 'NODE_SECRET'],
    ['a log level that there is not', { LOG_LEVEL: 'chatty' }, 'LOG_LEVEL'],
  ])('stops the start: %s', async (_, environment, named) => {
    const { exitCode, output } = await endsBadly(start(environment));

    expect([exitCode, output]).toEqual([2, expect.stringContaining(named)]);
    expect(await readdir(dataDir)).toEqual([]);
  });
});
