import { randomBytes } from 'node:crypto';
import { type ClientRequest, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transact } from '@musubi/database';
import { until, untilEqual } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { FileClient } from './support/file-client.js';
import { type TestService, openService } from './support/open-service.js';

/** How many files an agent may have under way. */
const PLACES = 4;
const WAITING = `
  select count(*)::int as waiting from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`;

let service: TestService;
let files: FileClient;
let alice: Agent;

beforeAll(async () => {
  service = await openService();
  const client = new Client(service.url);
  files = new FileClient(client);
  alice = await client.newAgent('alice');
});

afterAll(() => service.close());

function download(id: string): ClientRequest {
  const headers = { authorization: `Bearer ${alice.token}` };
  const asked = request(`${service.url}/v1/files/${id}`, { agent: false, headers });
  asked.on('error', () => undefined);
  asked.end();
  return asked;
}

async function waiting(): Promise<number> {
  const [row] = await service.database.dataSource.query<{ waiting: number }[]>(WAITING);
  return row?.waiting ?? -1;
}

describe('a client that goes while its file is looked up', () => {
  it('leaves its place to the next download', async () => {
    const { id } = await files.upload(alice, randomBytes(10));

    await transact(service.database.dataSource, async (tx) => {
      await tx.query('lock table file in access exclusive mode');
      const downloads = Array.from({ length: PLACES }, () => download(id));
      await untilEqual(PLACES, waiting);
      for (const asked of downloads) {
        const gone = new Promise((resolve) => asked.once('close', resolve));
        asked.destroy();
        await gone;
      }
      // The service has served another connection since: it knows that these have ended.
      for (let times = 0; times < PLACES; times += 1)
        expect((await fetch(`${service.url}/health/live`)).ok).toBe(true);
    });

    await untilEqual(0, waiting);
    await until(async () => {
      const answers = await Promise.all(Array.from({ length: PLACES }, () => files.download(alice, { id })));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: PLACES }, () => 200));
      await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    });
  });
});
