import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CHUNK_BYTES } from '@musubi/cell';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { STRATEGY_NAMES, messageFileSchema } from '@musubi/messaging';
import { serviceDatabase } from '../apps/api/src/node/database.js';
import { type Agent, Client } from '../apps/api/test/support/client.js';
import { FileClient, bytesOf } from '../apps/api/test/support/file-client.js';
import { NODE_SECRET } from '../apps/api/test/support/open-service.js';
import { type ServiceProcess, startServiceProcess } from '../apps/api/test/support/service-process.js';
import { UploadClient, stateOf } from '../apps/api/test/support/upload-client.js';
import { until } from './support/until.js';

const CHUNKS = 3;
const SIZE = CHUNKS * CHUNK_BYTES - 4321;

let database: TestDatabase;
let service: ServiceProcess;
let alice: Agent;
let bob: Agent;

const start = (): Promise<ServiceProcess> =>
  startServiceProcess({
    PORT: '0',
    DATABASE_URL: database.url,
    NODE_SECRET,
    LOG_LEVEL: 'warn',
    RATE_LIMIT_PER_SECOND: '10000',
    REMOTE_CALL_TIMEOUT_MS: '500',
  });

beforeAll(async () => {
  database = await openTestDatabase(serviceDatabase);
  service = await start();
  const client = new Client(service.url);
  [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
});

afterAll(async () => {
  await service.end('SIGTERM');
  await database.close();
});

const uploads = (): UploadClient => new UploadClient(new Client(service.url));
const files = (): FileClient => new FileClient(new Client(service.url));

/** Sends so many bytes from there on, and no more of them. */
function beginPart(upload: string, offset: number, bytes: Uint8Array): void {
  const sending = request(`${service.url}/v1/uploads/${upload}`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${alice.token}`,
      'content-type': 'application/partial-upload',
      'upload-offset': offset,
      'content-length': SIZE - offset,
    },
  });
  // It ends with the service.
  sending.on('error', () => undefined);
  sending.write(bytes);
}

describe.each(STRATEGY_NAMES)('an upload whose service is killed between its chunks, on %s', (strategy) => {
  it('goes on at its last whole chunk, and is delivered', async () => {
    const body = randomBytes(SIZE);
    const upload = await uploads().begun(alice, { size: SIZE });
    for (let chunk = 1; chunk < CHUNKS; chunk += 1) {
      const offset = (chunk - 1) * CHUNK_BYTES;
      beginPart(upload, offset, body.subarray(offset, chunk * CHUNK_BYTES + 1000));
      await until(async () => {
        const state = stateOf(await uploads().look(alice, upload));
        expect(state).toEqual([204, String(chunk * CHUNK_BYTES), String(SIZE)]);
      });
      await service.end('SIGKILL');
      service = await start();
    }

    const offset = (CHUNKS - 1) * CHUNK_BYTES;
    expect(stateOf(await uploads().look(alice, upload))).toEqual([204, String(offset), String(SIZE)]);
    const answer = await uploads().append(alice, upload, { offset, body: body.subarray(offset) });

    const file = messageFileSchema.parse(await answer.json());
    await files().deliver({ strategy, from: alice, to: bob }, { type: 'file', file });
    expect(Buffer.compare(await bytesOf(await files().download(bob, file)), body)).toBe(0);
  });
});
