import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TwoProcesses } from '../../../test/support/two-processes.js';
import { until } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { openService } from './support/open-service.js';
import { type ServiceProcess, startServiceProcess } from './support/service-process.js';
import {
  PASSPHRASE,
  end,
  isOnline,
  sessionsOf,
  signIn,
  statusOf,
  streamOf,
} from './support/session-client.js';

describe('a session that nobody uses', () => {
  it('expires, and the keys are locked', async () => {
    const service = await openService({ SESSION_IDLE: '2s' });
    const client = new Client(service.url);
    const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob', PASSPHRASE)];

    await until(async () => {
      expect(await isOnline(client, bob, alice)).toBe(false);
    });

    expect([await statusOf(client, bob), await statusOf(client, alice)]).toEqual([401, 200]);
    await service.close();
  });

  it('expires in the end although it is used, and its stream with it', async () => {
    const service = await openService({ SESSION_MAX: '2' });
    const client = new Client(service.url);
    const agent = await client.newAgent('bob', PASSPHRASE);
    // A session may be over before a busy machine has begun its stream.
    const [bob, stream] = await until(async () => {
      const session = await signIn(client, agent);
      return [session, await streamOf(client, session)] as const;
    });

    await until(async () => {
      expect(await statusOf(client, bob)).toBe(401);
    });

    expect(await stream.text).not.toContain('event: message');
    await service.close();
  });
});

describe('after a restart', () => {
  let dataDir: string;
  let service: ServiceProcess;
  let client: Client;
  let alice: Agent;
  let old: Agent;

  const start = async (): Promise<void> => {
    service = await startServiceProcess({ DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'warn' });
    client = new Client(service.url);
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'musubi-sessions-'));
    await start();
    [alice, old] = [await client.newAgent('alice'), await client.newAgent('bob', PASSPHRASE)];
    await service.end('SIGKILL');
    await start();
  });

  afterEach(async () => {
    await service.end('SIGTERM');
    await rm(dataDir, { recursive: true, force: true });
  });

  it('a token of before never comes back, and signing out with the new one leaves the agent offline', async () => {
    const before = await statusOf(client, old);
    const fresh = await signIn(client, old);
    const after = await statusOf(client, old);
    const listed = (await sessionsOf(client, fresh)).items.length;

    const signedOut = await end(client, fresh);

    expect([before, after, listed, signedOut]).toEqual([401, 401, 1, 204]);
    expect([await isOnline(client, old, alice), await statusOf(client, old)]).toEqual([false, 401]);
    expect((await client.send('source-chain', alice, old)).status).toBe('saved');
  });

  it('a token of before can be listed and given up although its keys are locked', async () => {
    const { items } = await sessionsOf(client, old);

    expect([items.length, await end(client, old), await end(client, old)]).toEqual([1, 204, 401]);
  });
});

describe('two processes', () => {
  let node: TwoProcesses;
  let alice: Agent;
  let bob: Agent;

  beforeEach(async () => {
    node = await TwoProcesses.open(1);
    const [first] = node.clients;
    [alice, bob] = [await first.newAgent('alice'), await first.newAgent('bob', PASSPHRASE)];
  });

  afterEach(() => node.close());

  it('end a session in both: stream, token and keys', async () => {
    const [first, second] = node.clients;
    const there = await signIn(second, bob);
    const stream = await streamOf(second, there);

    await first.request('/v1/sessions', { token: bob.token, method: 'DELETE' });

    await stream.text;
    expect(await statusOf(second, there)).toBe(401);
    await until(async () => {
      expect([await isOnline(first, bob, alice), await isOnline(second, bob, alice)]).toEqual([false, false]);
    });
  });
});
