import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@musubi/embedded-postgres';
import { Client } from '../../apps/api/test/support/client.js';
import { type ServiceProcess, startServiceProcess } from '../../apps/api/test/support/service-process.js';
import { until } from '../support/until.js';
import { CRASHES, IMPATIENT, Load, expectAllOnce, gather, untilMoment, crashesWithin } from './load.js';

/** A stop is half as often tried as a kill: it takes its time until everybody has noticed. */
const STOPS = Math.ceil(CRASHES / 2);

/** What a request is told while the database is away. */
const AWAY: unknown = {
  status: 503,
  body: expect.objectContaining({ type: 'urn:musubi:problem:unavailable', status: 503, retryable: true }),
};

let dataDir: string;
let server: EmbeddedPostgres;
let service: ServiceProcess;
let client: Client;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'musubi-stop-'));
  server = await startEmbeddedPostgres({ dataDir });
  const NODE_SECRET = toBase64Url(randomBytes(32));
  service = await startServiceProcess({ ...IMPATIENT, DATABASE_URL: server.url, NODE_SECRET });
  client = new Client(service.url);
});

afterEach(async () => {
  await service.end('SIGTERM');
  await server.stop('immediate');
  await rm(dataDir, { recursive: true, force: true });
});

/** Crashes the server, as far as its clients can tell: no checkpoint, no goodbye. */
async function stopAndStart(whileAway: () => Promise<void>): Promise<void> {
  const { url } = server;
  await server.stop('immediate');
  await whileAway();
  server = await startEmbeddedPostgres({ dataDir });
  expect(server.url).toBe(url);
}

async function statusOf(path: string): Promise<number> {
  return (await client.request(path)).status;
}

describe('a database that is stopped under load', () => {
  it(
    `costs no message, doubles and forgets none, ${STOPS} times over, and the node lives on`,
    async () => {
      const correspondents = await gather(client);
      const load = new Load(correspondents);
      load.start(service.url);

      for (let stop = 0; stop < STOPS; stop += 1) {
        await untilMoment(load, stop, STOPS);
        const { length } = load.refusals;
        await stopAndStart(() =>
          until(async () => {
            expect(load.refusals.length).toBeGreaterThan(length);
            expect([await statusOf('/health/live'), await statusOf('/health/ready')]).toEqual([200, 503]);
          }),
        );
        const before = load.acknowledged.length;
        await until(() => {
          expect(load.acknowledged.length).toBeGreaterThan(before + correspondents.senders.length);
          return Promise.resolve();
        });
      }
      await load.stop();

      await until(() => expectAllOnce(client, correspondents, load.acknowledged));
      expect(load.refusals).toEqual(load.refusals.map(() => AWAY));
      expect(service.output()).not.toContain('"level":50');
    },
    crashesWithin(STOPS),
  );
});
