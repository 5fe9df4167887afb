import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { restoreSnapshot, takeSnapshot } from '@musubi/testing';
import { serviceDatabase } from '../src/node/database.js';
import { Client } from './support/client.js';
import { type ServiceProcess, startServiceProcess } from './support/service-process.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase(serviceDatabase);
});

afterAll(() => database.close());

/** One run of the service on the database: it has ended when the work has. */
async function whileServing<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const service: ServiceProcess = await startServiceProcess({
    PORT: '0',
    DATABASE_URL: database.url,
    NODE_SECRET: `${'a'.repeat(42)}A`,
  });
  try {
    return await work(new Client(service.url));
  } finally {
    await service.end('SIGTERM');
  }
}

it('refuses a cursor of after a backup once the backup is restored, and takes one of before it', async () => {
  const before = await whileServing(async (client) => {
    const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
    await client.deliver('source-chain', alice, bob, { text: 'of the backup' });
    const { next } = await client.get('changes', '/v1/changes', { token: alice.token });
    return { alice, bob, next };
  });
  await takeSnapshot(database.dataSource);
  const { alice, bob } = before;
  const lost = await whileServing(async (client) => {
    await client.deliver('source-chain', alice, bob, { text: 'lost' });
    return client.get('changes', `/v1/changes?since=${before.next}`, { token: alice.token });
  });
  await restoreSnapshot(database.dataSource);

  await whileServing(async (client) => {
    for (const text of ['first', 'second']) await client.deliver('source-chain', alice, bob, { text });
    const { token } = alice;
    const { items } = await client.get('changes', `/v1/changes?since=${before.next}`, { token });
    expect(items).toMatchObject([
      { message: { payload: { text: 'first' } } },
      { message: { payload: { text: 'second' } } },
    ]);
    const refused = { token, status: 422 } as const;
    const problem = { type: 'urn:musubi:problem:invalid-cursor', retryable: false };
    expect(await client.get('problem', `/v1/changes?since=${lost.next}`, refused)).toMatchObject(problem);
    const headers = { 'last-event-id': lost.next };
    expect(await client.get('problem', '/v1/signals', { ...refused, headers })).toMatchObject(problem);
  });
});
