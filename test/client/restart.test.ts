import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Change, type Changes, type Connection, type Message, MusubiClient } from '@musubi/client';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type ServiceProcess, startServiceProcess } from '../../apps/api/test/support/service-process.js';
import { freePort } from '../support/free-port.js';
import { until, untilEqual } from '../support/until.js';

const MESSAGES = 24;
/** A start takes seconds, and no send may be given up meanwhile. */
const PATIENT = { attempts: 1000 };

interface Watched {
  readonly changes: Changes;
  readonly seen: readonly Message[];
  readonly others: readonly Change[];
  readonly connections: readonly Connection[];
  readonly ended: Promise<unknown>;
}

let dataDir: string;
let service: ServiceProcess;
let alice: MusubiClient;
let bob: MusubiClient;
let bobKey: string;
let atAlice: Watched;
let atBob: Watched;
let sent: readonly Message[];

async function start(port: string): Promise<ServiceProcess> {
  return startServiceProcess({
    DATA_DIR: dataDir,
    PORT: port,
    LOG_LEVEL: 'warn',
    REMOTE_CALL_TIMEOUT_MS: '500',
  });
}

async function restart(signal: NodeJS.Signals): Promise<void> {
  const { port } = new URL(service.url);
  await service.end(signal);
  service = await start(port);
}

async function watch(client: MusubiClient): Promise<Watched> {
  const [seen, others, connections]: [Message[], Change[], Connection[]] = [[], [], []];
  const changes = client.changes({ onConnection: (connection) => connections.push(connection) });
  await changes.ready;
  const follow = async (): Promise<void> => {
    for await (const change of changes) {
      if (change.type === 'message') seen.push(change.message);
      else others.push(change);
    }
  };
  return { changes, seen, others, connections, ended: follow().catch((reason: unknown) => reason) };
}

function timesDelivered({ seen }: Watched): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { id, status } of seen) if (status === 'delivered') times.set(id, (times.get(id) ?? 0) + 1);
  return times;
}

async function sendAll(): Promise<readonly Message[]> {
  const messages: Message[] = [];
  for (let index = 0; index < MESSAGES; index += 1) {
    const strategy = STRATEGY_NAMES[index % STRATEGY_NAMES.length] ?? 'source-chain';
    messages.push(await alice.send({ to: bobKey, text: `message ${index}`, strategy, wait: 0 }));
    if (index === 7) await restart('SIGKILL');
    if (index === 15) await restart('SIGTERM');
  }
  return messages;
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'musubi-client-'));
  // Nobody else gets it while the service is away.
  service = await start(String(await freePort()));
  const { url } = service;
  [alice, bob] = [new MusubiClient({ url, ...PATIENT }), new MusubiClient({ url, ...PATIENT })];
  await alice.signUp({ nickname: 'alice' });
  bobKey = (await bob.signUp({ nickname: 'bob' })).agent;
  [atAlice, atBob] = [await watch(alice), await watch(bob)];
  sent = await sendAll();
  await until(() => {
    expect([timesDelivered(atAlice).size, timesDelivered(atBob).size]).toEqual([MESSAGES, MESSAGES]);
    return Promise.resolve();
  });
});

afterAll(async () => {
  const done = new Error('done');
  for (const { changes } of [atAlice, atBob]) changes.close(done);
  expect(await Promise.all([atAlice.ended, atBob.ended])).toEqual([done, done]);
  await service.end('SIGTERM');
  await rm(dataDir, { recursive: true, force: true });
});

describe('clients whose service is killed, and then stopped, while they write', () => {
  it('receive every message once', () => {
    const once = new Map(sent.map(({ id }) => [id, 1]));

    expect(sent).toHaveLength(MESSAGES);
    expect(timesDelivered(atBob)).toEqual(once);
  });

  it('are told of each state of a message once', () => {
    const states = atAlice.seen.map((message) => JSON.stringify(message));

    expect(new Set(states).size).toBe(states.length);
  });

  it('send every message once', async () => {
    const texts = await Promise.all(
      STRATEGY_NAMES.map(async (strategy) => {
        const all: string[] = [];
        for await (const { payload } of bob.history(strategy)) all.push(payload.text ?? '');
        return all;
      }),
    );

    expect(texts.flat().sort()).toEqual(
      Array.from({ length: MESSAGES }, (_, index) => `message ${index}`).sort(),
    );
  });

  it('saw nothing that was not proven', () => {
    expect([...atAlice.others, ...atBob.others]).toEqual([]);
  });

  it('were told that the service was away, and is back', async () => {
    const states = (): readonly string[] => atBob.connections.map(({ state }) => state);

    await untilEqual('live', () => Promise.resolve(states().at(-1)));
    expect([states()[0], states().includes('away')]).toEqual(['live', true]);
  });
});
