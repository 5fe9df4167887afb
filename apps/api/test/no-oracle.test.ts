import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type Agent, Client, type RequestOptions } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

let service: TestService;
let client: Client;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
});

afterAll(() => service.close());

describe.each(STRATEGY_NAMES)('a message of others on %s', (strategy) => {
  const path = `/v1/strategies/${strategy}`;
  const missing = toBase64Url(randomBytes(32));
  let alice: Agent;
  let bob: Agent;
  let mallory: Agent;
  let foreign: string;

  beforeAll(async () => {
    alice = await client.newAgent('alice');
    bob = await client.newAgent('bob');
    mallory = await client.newAgent('mallory');
    foreign = (await client.deliver(strategy, alice, bob)).id;
    for (const text of ['one', 'two']) await client.deliver(strategy, mallory, bob, { text });
    await service.untilCarried();
  });

  const ways: readonly (readonly [string, (id: string) => readonly [string, RequestOptions]])[] = [
    ['reading it', (id) => [`/messages/${id}`, {}]],
    ['retrying it', (id) => [`/messages/${id}/retry`, { method: 'POST' }]],
    ['deleting it', (id) => [`/messages/${id}`, { method: 'DELETE' }]],
    ['a page around it', (id) => [`/messages?around=${id}`, {}]],
    ['a receipt for it', (id) => ['/receipts', { body: { status: 'read', messages: [id] } }]],
    [
      'a reply to it',
      (id) => ['/messages', { body: { to: bob.agent, payload: { type: 'text', text: 'hi' }, replyTo: id } }],
    ],
  ];

  const tried = async (way: (id: string) => readonly [string, RequestOptions], id: string) => {
    const [where, options] = way(id);
    const answer = await client.request(`${path}${where}`, { token: mallory.token, ...options });
    const headers = [...answer.headers].filter(([name]) => name !== 'date');
    return { status: answer.status, headers, body: await answer.text() };
  };

  it.each(ways)('is refused as one that there is not: %s', async (_, way) => {
    const answer = await tried(way, foreign);

    expect([404, 422]).toContain(answer.status);
    expect(answer).toEqual(await tried(way, missing));
  });

  it.each(ways)('is refused and nothing is written: %s', async (_, way) => {
    const before = await service.rows();

    await tried(way, foreign);

    expect(await service.rows()).toBe(before);
  });

  it('is in no page of theirs', async () => {
    const { items } = await client.get('messages', `${path}/messages`, { token: mallory.token });

    expect(items.map(({ id }) => id)).not.toContain(foreign);
  });

  it('cannot be reached with the cursor of its holder', async () => {
    await client.send(strategy, alice, bob);
    const { next } = await client.get('messages', `${path}/messages?limit=1`, { token: alice.token });

    const where = `${path}/messages?before=${next ?? 'none'}`;
    const problem = await client.get('problem', where, { token: mallory.token, status: 422 });

    expect(problem.type).toBe('urn:musubi:problem:invalid-cursor');
  });

  it('cannot be reached with a cursor of another placement', async () => {
    const { next } = await client.get('messages', `${path}/messages?limit=1`, { token: mallory.token });
    const other = STRATEGY_NAMES.find((name) => name !== strategy) ?? '';

    const where = `/v1/strategies/${other}/messages?before=${next ?? 'none'}`;

    expect((await client.request(where, { token: mallory.token })).status).toBe(422);
  });

  it('cannot be sent in their name with one’s own Idempotency-Key', async () => {
    const headers = { 'idempotency-key': `stolen-${strategy}` };
    const { id } = await client.send(strategy, alice, bob, { text: 'private', headers });

    const other = await client.send(strategy, mallory, bob, { text: 'private', headers });

    expect([other.author, other.id === id]).toEqual([mallory.agent, false]);
  });
});

describe('an Idempotency-Key', () => {
  it('is one placement’s: with another it was used before', async () => {
    const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
    const headers = { 'idempotency-key': 'one-placement' };
    await client.deliver('source-chain', alice, bob, { headers });
    await service.untilCarried();
    const before = await service.rows();

    const body = { to: bob.agent, payload: { type: 'text', text: 'hello' } };
    const options = { token: alice.token, body, headers, status: 409 };
    const problem = await client.get('problem', '/v1/strategies/pairwise-dht/messages', options);

    expect(problem.type).toBe('urn:musubi:problem:idempotency-key-reused');
    expect(await service.rows()).toBe(before);
  });
});
