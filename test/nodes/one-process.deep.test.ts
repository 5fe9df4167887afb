import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { serviceDatabase } from '../../apps/api/src/node/database.js';
import { Client } from '../../apps/api/test/support/client.js';
import {
  ServiceEndedError,
  type ServiceProcess,
  startServiceProcess,
} from '../../apps/api/test/support/service-process.js';

const NODE_SECRET = `${'c'.repeat(42)}A`;

let database: TestDatabase;
let services: ServiceProcess[];

beforeEach(async () => {
  database = await openTestDatabase(serviceDatabase, { poolSize: 2 });
  services = [];
});

afterEach(async () => {
  await Promise.all(services.map((service) => service.end('SIGTERM')));
  await database.close();
});

async function start(environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const all = { PORT: '0', DATABASE_URL: database.url, NODE_SECRET, LOG_LEVEL: 'warn', DATABASE_POOL: '8' };
  const service = await startServiceProcess({ ...all, ...environment });
  services.push(service);
  return service;
}

it('lets one process of a node have the links, and the next one after it', async () => {
  const links = { NODE_LISTEN: '127.0.0.1:0' };
  const first = await start(links);

  const refused = start(links);

  await expect(refused).rejects.toThrow(/Another process has the links of this node/);
  await expect(refused).rejects.toMatchObject({ exitCode: 2 });
  await expect(refused).rejects.toThrow(ServiceEndedError);
  expect(await first.end('SIGTERM')).toBe(0);
  const next = await start(links);
  expect((await fetch(`${next.url}/health/ready`)).status).toBe(200);
});

it('refuses a place for links where another program listens', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  await expect(start({ NODE_LISTEN: `127.0.0.1:${port}` })).rejects.toThrow(
    `Musubi cannot listen on port ${port} of 127.0.0.1 (EADDRINUSE). Set NODE_LISTEN to another place.`,
  );
  server.close();
});

it('says so where a node is alone, and keeps nothing', async () => {
  const client = new Client((await start()).url);
  const { agent, token } = await client.newAgent('alice');
  const about = await client.request('/v1/node', { token });
  const body = { card: 'musubi:card/AAAA' };

  expect(await about.json()).toMatchObject({ key: null, addresses: [], peers: { linked: 0 } });
  const paths = [`/v1/agents/${agent}/card`, `/v1/contacts/${agent}`];
  const problems = [
    await client.get('problem', paths[0] ?? '', { token, status: 409 }),
    await client.get('problem', paths[1] ?? '', { token, method: 'PUT', body, status: 409 }),
  ];
  expect(problems.map(({ type }) => type)).toEqual(Array(2).fill('urn:musubi:problem:node-alone'));
  const [row] = await database.dataSource.query<{ rows: number }[]>(
    'select ((select count(*) from contact) + (select count(*) from agent_record))::int as rows',
  );
  expect(row).toEqual({ rows: 0 });
});
