import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type Agent, Client, type MessageJson } from '../apps/api/test/support/client.js';
import {
  ServiceEndedError,
  type ServiceProcess,
  startServiceProcess,
} from '../apps/api/test/support/service-process.js';
import { PATIENCE_MS } from './support/patience.js';
import { until } from './support/until.js';

const PASSPHRASE = 'correct horse battery staple';

let dataDir: string;
const started: ServiceProcess[] = [];

async function start(environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const service = await startServiceProcess({
    DATA_DIR: dataDir,
    PORT: '0',
    LOG_LEVEL: 'warn',
    // What was under way when a node was killed is its again after twice this.
    REMOTE_CALL_TIMEOUT_MS: '500',
    ...environment,
  });
  started.push(service);
  return service;
}

async function refusal(environment: Readonly<Record<string, string>>): Promise<ServiceEndedError> {
  const error: unknown = await start(environment).catch((reason: unknown) => reason);
  if (!(error instanceof ServiceEndedError)) throw new Error('the service should have ended');
  return error;
}

async function makeFolder(): Promise<void> {
  dataDir = await mkdtemp(join(tmpdir(), 'musubi-restart-'));
}

async function cleanUp(): Promise<void> {
  await Promise.all(started.splice(0).map((service) => service.end('SIGTERM')));
  await rm(dataDir, { recursive: true, force: true });
}

describe('a node that was killed and started again', () => {
  const once = { headers: { 'idempotency-key': 'before-and-after', prefer: 'respond-async' } };
  let client: Client;
  let alice: Agent;
  let bob: Agent;
  let sent: readonly MessageJson[];

  beforeAll(async () => {
    await makeFolder();
    const first = await start();
    client = new Client(first.url);
    [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob', PASSPHRASE)];
    await client.request('/v1/sessions/current', { token: bob.token, method: 'DELETE' });
    const extra = STRATEGY_NAMES.map((name) =>
      name === 'source-chain' ? once : { headers: { prefer: 'wait=0' } },
    );
    sent = await Promise.all(
      STRATEGY_NAMES.map((strategy, index) => client.send(strategy, alice, bob, extra[index])),
    );
    await first.end('SIGKILL');
    client = new Client((await start()).url);
  });

  afterAll(cleanUp);

  it('has its unattended agents online, and its attended ones offline', async () => {
    const { items } = await client.get('directory', '/v1/agents', { token: alice.token });

    expect(Object.fromEntries(items.map(({ nickname, online }) => [nickname, online]))).toEqual({
      alice: true,
      bob: false,
    });
  });

  it('answers a repeated Idempotency-Key with the same message', async () => {
    expect((await client.send('source-chain', alice, bob, once)).id).toBe(sent[0]?.id);
  });

  it('delivers what it had only saved, once the recipient is back', async () => {
    await client.get('token', '/v1/sessions', { body: { agent: bob.agent, passphrase: PASSPHRASE } });

    await until(async () => {
      const seen = sent.map(({ id }, index) =>
        client.get('message', `/v1/strategies/${STRATEGY_NAMES[index] ?? ''}/messages/${id}`, {
          token: alice.token,
        }),
      );
      expect((await Promise.all(seen)).map(({ status }) => status)).toEqual(sent.map(() => 'delivered'));
    });
  });
});

describe('a node that is stopped', () => {
  beforeEach(makeFolder);

  afterEach(cleanUp);

  it('ends the streams of signals, and does not wait for them', async () => {
    const service = await start();
    const { token } = await new Client(service.url).newAgent('alice');
    const stream = await fetch(`${service.url}/v1/signals`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const ended = stream.text().catch((reason: unknown) => (reason as Error).name);

    const code = await service.end('SIGINT');

    expect([code, await ended]).toEqual([0, expect.not.stringContaining('TimeoutError')]);
  });

  it('keeps its secret readable by its owner only', async () => {
    await (await start()).end('SIGTERM');

    expect((await stat(join(dataDir, 'node-secret'))).mode & 0o777).toBe(0o600);
  });
});

describe('a start that cannot be', () => {
  beforeEach(makeFolder);

  afterEach(cleanUp);

  it('on a folder that another node uses says so, and leaves that node alone', async () => {
    const first = await start();
    const client = new Client(first.url);
    const { token } = await client.newAgent('alice');

    const { exitCode, output } = await refusal({});

    expect([exitCode, output]).toEqual([1, expect.stringContaining(dataDir)]);
    expect((await client.request('/v1/agents', { token })).status).toBe(200);
  });

  it('with another secret than the agents were made with ends before it serves', async () => {
    const first = await start();
    await new Client(first.url).newAgent('robot');
    await first.end('SIGTERM');

    const { exitCode, output } = await refusal({ NODE_SECRET: toBase64Url(randomBytes(32)) });

    expect([exitCode, output]).toEqual([2, expect.stringContaining('NODE_SECRET')]);
    expect(await readdir(join(dataDir, 'pgdata'))).not.toContain('postmaster.pid');
  });

  it('on a database that does not answer says so, and tells no password', async () => {
    const { exitCode, output } = await refusal({
      DATABASE_URL: 'postgres://musubi:hunter2@127.0.0.1:1/musubi',
      NODE_SECRET: toBase64Url(randomBytes(32)),
    });

    expect([exitCode, output]).toEqual([1, expect.stringContaining('ECONNREFUSED')]);
    expect(output).not.toContain('hunter2');
  });
});
