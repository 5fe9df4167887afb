import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from '../../apps/api/test/support/client.js';
import { type ServiceProcess, startServiceProcess } from '../../apps/api/test/support/service-process.js';
import { slowness } from '../support/slowness.js';
import { until } from '../support/until.js';
import { IMPATIENT, Load, expectAllOnce, gather, untilMoment, crashesWithin } from './load.js';

/** Less than what most supervisors give a process before they kill it. */
const STOP_MS = 10_000;
const MOMENT = [1, 3] as const;

let dataDir: string;
let service: ServiceProcess;
let client: Client;

async function start(): Promise<void> {
  service = await startServiceProcess({ ...IMPATIENT, LOG_LEVEL: 'warn', DATA_DIR: dataDir });
  client = new Client(service.url);
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'musubi-stop-'));
  await start();
});

afterEach(async () => {
  await service.end('SIGTERM');
  await rm(dataDir, { recursive: true, force: true });
});

describe('a node that is stopped under load', () => {
  it.each(['respond-async', 'wait=5'])(
    'ends in time without an error, and leaves pending what it did not finish, with Prefer: %s',
    async (prefer) => {
      const correspondents = await gather(client);
      const load = new Load(correspondents, prefer);
      load.start(service.url);
      await untilMoment(load, ...MOMENT);

      const before = performance.now();
      const code = await service.end('SIGTERM');
      const took = performance.now() - before;
      await load.ended();

      expect({ code, errors: service.output().match(/"level":[56]0.*/g) }).toEqual({ code: 0, errors: null });
      expect(took).toBeLessThan(STOP_MS * slowness());
      expect(load.refusals).toEqual([]);
      expect(load.acknowledged.length).toBeGreaterThan(correspondents.senders.length);
      await start();
      await until(() => expectAllOnce(client, correspondents, load.acknowledged));
    },
    crashesWithin(1),
  );

  it('answers the request that is in hand', async () => {
    const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob', 'correct horse')];
    await client.request('/v1/sessions/current', { token: bob.token, method: 'DELETE' });
    // Published at once, and then waited for in vain.
    const answer = client.send('global-dht', alice, bob, { headers: { prefer: 'wait=3' } });
    const path = '/v1/strategies/global-dht/messages';
    await until(async () => {
      expect((await client.get('messages', path, { token: alice.token })).items).toHaveLength(1);
    });

    const ended = service.end('SIGTERM');

    expect(await answer).toMatchObject({ status: 'saved' });
    expect(await ended).toBe(0);
  });
});
