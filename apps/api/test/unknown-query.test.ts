import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

let service: TestService;
let client: Client;
let alice: Agent;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
  alice = await client.newAgent('alice');
});

afterAll(() => service.close());

const ROUTES = [
  '/v1/strategies',
  '/v1/strategies/source-chain',
  '/v1/strategies/source-chain/messages',
  '/v1/sessions',
  '/v1/agents',
  '/v1/clones',
  '/v1/changes',
  '/v1/signals',
  '/health/live',
  '/health/ready',
];

describe('a query that a route does not know', () => {
  it.each(ROUTES)('is refused by GET %s', async (path) => {
    const problem = await client.get('problem', `${path}?foo=1`, { token: alice.token, status: 422 });

    expect(problem).toMatchObject({ type: 'urn:musubi:problem:invalid' });
  });

  it('makes no agent', async () => {
    const all = (): Promise<Response> => client.request('/v1/agents', { token: alice.token });
    const before: unknown = await (await all()).json();

    const answer = await client.request('/v1/agents?foo=1', { body: { nickname: 'carol' } });

    expect(answer.status).toBe(422);
    expect(await (await all()).json()).toEqual(before);
  });
});
