import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ResilientClient, hasCode } from '@musubi/database';
import { Client } from '../../apps/api/test/support/client.js';
import { type ServiceProcess, startServiceProcess } from '../../apps/api/test/support/service-process.js';
import { type Correspondents, IMPATIENT, Load, expectAllOnce, gather } from '../crash/load.js';
import { until } from '../support/until.js';

/** The service has a view of its own of what is mounted, in which a small volume is. As root of a user namespace, if we are not root. */
const OWN_MOUNTS = [
  'unshare',
  '--mount',
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  ...['sh', '-c', 'mount -t tmpfs -o size="$1" tmpfs "$2" || { echo "$0" >&2; exit 1; }; shift 2; exec "$@"'],
  'This test mounts a small volume. Run it as root, or allow user namespaces.',
];
const [KIBIBYTE, MEBIBYTE] = [1024, 1_048_576];

let folder: string;
let service: ServiceProcess;
let client: Client;
let correspondents: Correspondents;
let load: Load;

/** The volume, as the service sees it. */
const onVolume = (name: string): string => join(`/proc/${service.pid}/root`, folder, name);

async function startOn(size: string): Promise<void> {
  const environment = { ...IMPATIENT, LOG_LEVEL: 'warn', DATA_DIR: join(folder, 'data') };
  service = await startServiceProcess(environment, [...OWN_MOUNTS, size, folder]);
  client = new Client(service.url);
  correspondents = await gather(client);
  load = new Load(correspondents);
  load.start(service.url);
  await acknowledges();
}

/** Takes the last byte that there is. */
function fill(): void {
  const file = openSync(onVolume('filler'), 'a');
  for (const size of [MEBIBYTE, 4 * KIBIBYTE, 1]) while (writes(file, Buffer.alloc(size, 1)));
  closeSync(file);
}

function writes(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) > 0;
  } catch (error) {
    if (hasCode(error, 'ENOSPC')) return false;
    throw error;
  }
}

async function acknowledges(): Promise<void> {
  const before = load.acknowledged.length;
  await until(() => {
    expect(load.acknowledged.length).toBeGreaterThan(before + correspondents.senders.length);
    return Promise.resolve();
  });
}

async function refuses(): Promise<void> {
  const before = load.refusals.length;
  await until(() => {
    expect(load.refusals.length).toBeGreaterThan(before + correspondents.senders.length);
    return Promise.resolve();
  });
}

const untilReadiness = (status: number): Promise<void> =>
  until(async () => {
    expect((await client.request('/health/ready')).status).toBe(status);
  });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musubi-full-'));
});

afterEach(async () => {
  await service.end('SIGTERM');
  await rm(folder, { recursive: true, force: true });
});

describe.each(['160m', '400m'])('a volume of %s that is full', (size) => {
  it('costs no message, doubles none, is told by readiness, and the service goes on when there is room', async () => {
    await startOn(size);

    for (let time = 0; time < 2; time += 1) {
      fill();
      await untilReadiness(503);
      await refuses();
      expect((await client.request('/health/live')).status).toBe(200);
      await rm(onVolume('filler'));
      await untilReadiness(200);
      await acknowledges();
    }
    await load.stop();

    await until(() => expectAllOnce(client, correspondents, load.acknowledged));
    const refusal = { status: 503, body: expect.objectContaining({ status: 503, retryable: true }) };
    expect(load.refusals).toEqual(load.refusals.map(() => refusal));
    expect(service.output()).toContain('"sqlState":"53100"');
    expect(service.output()).not.toContain('"level":50');
  });
});

/** Has PostgreSQL begin one segment of its log after another, until it finds no room for the next one and ends. */
async function exhaustLog(): Promise<void> {
  const server = new ResilientClient({
    host: onVolume('data/socket'),
    port: 5432,
    user: 'musubi',
    database: 'postgres',
    password: (await readFile(onVolume('data/password'), 'utf8')).trim(),
  });
  await server.connect();
  const segment = async (): Promise<void> => {
    await server.query(
      `select pg_logical_emit_message(true, 'filler', repeat('x', 2000000)), pg_switch_wal()`,
    );
  };
  const fillLog = async (): Promise<void> => {
    for (;;) await segment();
  };
  await expect(fillLog()).rejects.toThrow();
  await server.end();
}

describe('a volume with a ballast that is full', () => {
  it('is read on when PostgreSQL has ended for want of room, and the service goes on when there is some', async () => {
    await startOn('400m');
    await until(async () => {
      expect((await stat(onVolume('data/ballast'))).size).toBe(32 * MEBIBYTE);
    });
    fill();
    await untilReadiness(503);
    await refuses();
    await load.stop();
    await exhaustLog();

    await until(() => {
      expect(service.output()).toContain('ended by itself');
      return Promise.resolve();
    });
    const answer = await client.request('/v1/agents', { body: { nickname: 'late' } });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    const path = '/v1/strategies/source-chain/messages';
    const { token } = correspondents.bob;
    await until(async () => {
      expect((await client.get('messages', path, { token })).items).not.toEqual([]);
    });
    await rm(onVolume('filler'));
    await untilReadiness(200);
    await until(() => expectAllOnce(client, correspondents, load.acknowledged));
  });
});
