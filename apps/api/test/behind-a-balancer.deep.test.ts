import { afterEach, describe, expect, it } from '@jest/globals';
import { Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

let service: TestService;

async function open(environment: Readonly<Record<string, string>>): Promise<Client> {
  service = await openService(environment);
  return new Client(service.url);
}

afterEach(() => service.close());

/** The statuses of requests without a token that say they were forwarded for these addresses. */
async function statusesOf(client: Client, addresses: readonly string[]): Promise<readonly number[]> {
  const answers = addresses.map((address) =>
    client.request('/v1/strategies', { headers: { 'x-forwarded-for': address } }),
  );
  return (await Promise.all(answers)).map(({ status }) => status);
}

/** Of one client, more than a second has, and so many that no machine takes ten seconds for them. */
const MANY = Array.from({ length: 30 }, (_, index) => String(index + 1));

describe('a process behind a balancer', () => {
  it('begins its tokens with its name', async () => {
    const client = await open({ PROCESS_NAME: 'api-1' });
    const { agent, token } = await client.newAgent('alice', 'correct horse');
    const { token: second } = await client.get('token', '/v1/sessions', {
      body: { agent, passphrase: 'correct horse' },
    });

    for (const each of [token, second]) {
      expect(each).toMatch(/^api-1\.[A-Za-z0-9_-]{43}$/);
      await client.get('directory', '/v1/agents', { token: each });
    }
  });

  it.each([
    ['the name of another process', (token: string) => token.replace('api-1', 'api-2')],
    ['no name', (token: string) => token.slice('api-1.'.length)],
    ['two names', (token: string) => `api-1.${token}`],
  ])('refuses a token with %s', async (_, change) => {
    const client = await open({ PROCESS_NAME: 'api-1' });
    const { token } = await client.newAgent('alice');

    await client.get('problem', '/v1/agents', { token: change(token), status: 401 });
  });

  it('counts requests by the address that the balancer saw', async () => {
    const client = await open({ PROXY_HOPS: '1', RATE_LIMIT_PER_SECOND: '3' });

    const ofMany = await statusesOf(
      client,
      MANY.map((end) => `192.0.2.${end}`),
    );
    const ofOne = await statusesOf(
      client,
      MANY.map(() => '198.51.100.1, 192.0.2.99'),
    );
    const ofLiar = await statusesOf(
      client,
      MANY.map((end) => `203.0.113.${end}, 192.0.2.100`),
    );

    expect(ofMany).toEqual(MANY.map(() => 200));
    expect(ofOne).toContain(429);
    expect(ofLiar).toContain(429);
  });

  it('believes nobody about addresses where there is no balancer', async () => {
    const client = await open({ RATE_LIMIT_PER_SECOND: '3' });

    const ofMany = await statusesOf(
      client,
      MANY.map((end) => `192.0.2.${end}`),
    );

    expect(ofMany).toContain(429);
  });

  it('logs no probe, but what follows', async () => {
    const client = await open({ LOG_LEVEL: 'info' });
    await client.request('/health/ready');
    await client.request('/health/live?x=1');
    await client.newAgent('alice');
    await service.close();

    expect(service.log()).toContain('/v1/agents');
    expect(service.log()).not.toContain('/health/');
  });
});
