import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from '../../apps/api/test/support/client.js';
import { type ServiceProcess, startServiceProcess } from '../../apps/api/test/support/service-process.js';
import { until } from '../support/until.js';
import { CRASHES, IMPATIENT, Load, expectAllOnce, gather, untilMoment, crashesWithin } from './load.js';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'musubi-crash-'));
});

// A server whose service was killed may still be writing.
afterEach(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10 }));

const start = (): Promise<ServiceProcess> => startServiceProcess({ ...IMPATIENT, DATA_DIR: dataDir });

describe('a node that is killed under load', () => {
  it(
    `loses, doubles and forgets nothing, ${CRASHES} times over`,
    async () => {
      let service = await start();
      const correspondents = await gather(new Client(service.url));
      const load = new Load(correspondents);

      for (let crash = 0; crash < CRASHES; crash += 1) {
        load.start(service.url);
        await untilMoment(load, crash, CRASHES);
        await service.end('SIGKILL');
        await load.ended();
        service = await start();
      }

      expect(load.refusals).toEqual([]);
      expect(load.acknowledged.length).toBeGreaterThan(CRASHES * correspondents.senders.length);
      const client = new Client(service.url);
      await until(() => expectAllOnce(client, correspondents, load.acknowledged));
      await service.end('SIGTERM');
    },
    crashesWithin(CRASHES),
  );
});
