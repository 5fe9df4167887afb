import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type Agent, Client } from '../../apps/api/test/support/client.js';
import { Load, expectAllOnce, gather } from '../crash/load.js';
import { until } from '../support/until.js';
import { address, compose, sql, timeStop, up, walk, within } from './stack.js';

const PASSPHRASE = 'correct horse battery staple';
const PROCESSES = ['api-1', 'api-2'] as const;
const MOST_TRIES = 20;
const LOAD_MS = 2000;
/** From before the program is loaded until after it serves. */
const STOPPED_AFTER_MS = [0, 300, 700, 1200, 2000, 3500];
const STOP_MS = 10_000;
/** Exit codes of an end that was asked for: its own, or SIGTERM's before it listens for that. */
const ASKED_TO_END = [0, 143];
const SIGKILLED = 137;

let client: Client;

async function start(): Promise<void> {
  await up();
  client = new Client(await address());
}

const processOf = ({ token }: Pick<Agent, 'token'>): string => token.split('.')[0] ?? '';

/** A new attended agent, unlocked in that process alone: the balancer chooses where, so this may take a few. */
async function attendedAt(name: string): Promise<Agent> {
  for (let index = 0; index < MOST_TRIES; index += 1) {
    const agent = await client.newAgent(`attended ${index}`, PASSPHRASE);
    if (processOf(agent) === name) return agent;
  }
  throw new Error(`the balancer sent nobody to ${name}`);
}

describe('the Compose stack', () => {
  beforeAll(start);
  afterAll(() => compose('down'));

  it('has a database role that owns its database and is no superuser', async () => {
    expect(
      await sql("select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = 'musubi'"),
    ).toBe('f|f|f');
    expect(
      await sql("select count(*) > 0 from pg_stat_activity where usename = 'musubi' and datname = 'musubi'"),
    ).toBe('t');
  });

  it('tells its secrets neither to the configuration nor to the environment', async () => {
    const secrets = [
      await within('api-1', 'cat', '/run/secrets/node_secret', '/run/secrets/database_url'),
    ].join();
    const told = [
      await compose('config'),
      ...(await Promise.all(PROCESSES.map((name) => within(name, 'env')))),
    ];

    expect(secrets).toMatch(/^[A-Za-z0-9_-]{43}postgres:/);
    for (const text of told)
      for (const secret of secrets.split('postgres:')) expect(text).not.toContain(secret);
  });

  it.each(PROCESSES)('gives %s no root, no capability and nowhere to write', async (name) => {
    expect(await within(name, 'id', '--user')).toBe('1000');
    expect(await within(name, 'grep', 'CapEff', '/proc/1/status')).toMatch(/0{16}$/);
    await expect(within(name, 'touch', '/app/x')).rejects.toThrow('Read-only file system');
  });

  it('walks through the three placements', async () => {
    const { code, printed } = await walk(client.url);
    // A failure shows what was printed.
    expect(code === 0 ? '' : printed).toBe('');
  });

  it('brings attended agents back to the process that unlocked them', async () => {
    for (const name of PROCESSES) {
      const { token } = await attendedAt(name);
      for (let turn = 0; turn < 5; turn += 1) await client.get('directory', '/v1/agents', { token });
    }
  });

  it('delivers between agents of different processes on every placement', async () => {
    const [alice, bob] = [await attendedAt('api-1'), await attendedAt('api-2')];

    for (const strategy of STRATEGY_NAMES) {
      const { status } = await client.send(strategy, alice, bob, { headers: { prefer: 'wait=30' } });
      expect([strategy, status]).toEqual([strategy, 'delivered']);
    }
  });

  it('loses nothing when one process is killed under load, while the other goes on', async () => {
    const correspondents = await gather(client);
    const { agent } = await attendedAt('api-1');
    const load = new Load(correspondents);
    load.start(client.url);
    await sleep(LOAD_MS);
    await compose('kill', 'api-1');
    const before = load.acknowledged.length;
    await sleep(LOAD_MS);
    const after = load.acknowledged.length;
    const body = { agent, passphrase: PASSPHRASE };
    const { token } = await until(() => client.get('token', '/v1/sessions', { body }));
    await compose('start', 'api-1');
    await load.stop();

    expect(processOf({ token })).toBe('api-2');
    expect(before).toBeGreaterThan(correspondents.senders.length);
    expect(after).toBeGreaterThan(before + correspondents.senders.length);
    await until(() => expectAllOnce(client, correspondents, load.acknowledged));
  });

  it('has every message again after down and up', async () => {
    const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
    const wait = { headers: { prefer: 'wait=30' } };
    const sent = await Promise.all(STRATEGY_NAMES.map((strategy) => client.send(strategy, alice, bob, wait)));
    await compose('down');
    await start();

    for (const [index, strategy] of STRATEGY_NAMES.entries()) {
      const { items } = await client.get('messages', `/v1/strategies/${strategy}/messages`, {
        token: bob.token,
      });
      expect(items).toEqual([{ ...sent[index], unread: true }]);
    }
  });

  it('ends within 10 s of SIGTERM, idle or with a stream in hand', async () => {
    const { token } = await client.newAgent('alice');
    const stream = await client.request('/v1/signals', { token });

    const { tookMs, code } = await timeStop(processOf({ token }));

    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(STOP_MS);
    await stream.body?.cancel().catch(() => undefined);
  });

  it.each(STOPPED_AFTER_MS)('ends within 10 s of SIGTERM, %d ms after its start', async (afterMs) => {
    await compose('stop', 'api-2');
    await compose('start', 'api-2');
    await sleep(afterMs);

    const { tookMs, code } = await timeStop('api-2');

    expect(code).not.toBe(SIGKILLED);
    expect(ASKED_TO_END).toContain(code);
    expect(tookMs).toBeLessThan(STOP_MS);
  });

  it('says what its image lacks without a database', async () => {
    const run = compose('run', '--rm', '--no-deps', '--env', 'DATABASE_URL_FILE=', 'api-2');

    await expect(run).rejects.toThrow('DATABASE_URL');
  });
});
