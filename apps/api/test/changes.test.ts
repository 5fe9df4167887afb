import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { until } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const PASSPHRASE = 'correct horse battery staple';

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
});

beforeEach(async () => {
  [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
});

afterAll(() => service.close());

interface Told {
  readonly lines: readonly string[];
  readonly next: string;
}

/** Changes as `text status` and `deleted`, in their order. */
async function changesOf({ token }: Agent, query = ''): Promise<Told> {
  const { items, next } = await client.get('changes', `/v1/changes?${query}`, { token });
  const lines = items.map((item) =>
    item.type === 'deleted' ? 'deleted' : `${item.message.payload.text} ${item.message.status}`,
  );
  return { lines, next };
}

const remove = (strategy: string, { token }: Agent, id: string): Promise<Response> =>
  client.request(`/v1/strategies/${strategy}/messages/${id}`, { token, method: 'DELETE' });
const read = (strategy: string, { token }: Agent, id: string): Promise<unknown> =>
  client.get('receipts', `/v1/strategies/${strategy}/receipts`, {
    token,
    body: { status: 'read', messages: [id] },
  });

it('changes of all placements are told in the order of arrival', async () => {
  for (const strategy of STRATEGY_NAMES) await client.deliver(strategy, alice, bob, { text: strategy });

  await until(async () => {
    expect((await changesOf(bob)).lines).toEqual(STRATEGY_NAMES.map((name) => `${name} delivered`));
    expect((await changesOf(alice)).lines).toEqual(STRATEGY_NAMES.map((name) => `${name} delivered`));
  });
});

describe.each(STRATEGY_NAMES)('changes on %s', (strategy) => {
  it('tell an author what became of its message', async () => {
    const { id } = await client.deliver(strategy, alice, bob, { text: 'hello' });
    const { next } = await changesOf(alice, 'since=latest');
    await read(strategy, bob, id);

    await until(async () => {
      expect((await changesOf(alice, `since=${next}`)).lines).toEqual(['hello read']);
    });
  });

  it('tell a recipient of what arrived late with an old time', async () => {
    const late = await client.newAgent('late', PASSPHRASE);
    await client.request('/v1/sessions/current', { token: late.token, method: 'DELETE' });
    await client.send(strategy, alice, late, { text: 'old', headers: { prefer: 'respond-async' } });
    const body = { agent: late.agent, passphrase: PASSPHRASE };
    const online = { agent: late.agent, ...(await client.get('token', '/v1/sessions', { body })) };
    const { next } = await changesOf(online, 'since=latest');
    await client.send(strategy, online, online, { text: 'newer note' });

    await until(async () => {
      expect([...(await changesOf(online)).lines].sort()).toEqual(['newer note read', 'old delivered']);
      expect((await changesOf(online, `since=${next}`)).lines).toContain('newer note read');
    });
  });

  it('tell of what another device of the agent sent, read and deleted', async () => {
    const { next } = await changesOf(bob, 'since=latest');
    const first = await client.deliver(strategy, alice, bob, { text: 'first' });
    const second = await client.deliver(strategy, bob, alice, { text: 'second' });
    await read(strategy, bob, first.id);
    await remove(strategy, bob, second.id);

    await until(async () => {
      expect((await changesOf(bob, `since=${next}`)).lines).toEqual(['first read', 'deleted']);
    });
  });

  it('tell of a message that failed, and of one that is tried again', async () => {
    const { token, agent } = await client.newAgent('gone', PASSPHRASE);
    await client.request('/v1/sessions/current', { token, method: 'DELETE' });
    const { next } = await changesOf(alice, 'since=latest');

    await client.send(strategy, alice, { agent, token }, { text: 'hello' });

    const isPublished = strategy === 'global-dht';
    await until(async () => {
      const { items } = await client.get('changes', `/v1/changes?since=${next}`, { token: alice.token });
      expect(items).toMatchObject([
        {
          type: 'message',
          message: { status: 'saved', delivery: { step: isPublished ? 'confirm' : 'send' } },
        },
      ]);
    });
  });
});

describe('the cursor of changes', () => {
  it('leads on when there is nothing, and stays valid', async () => {
    const { next: beginning } = await changesOf(bob);
    expect(await changesOf(bob, `since=${beginning}`)).toEqual({ lines: [], next: beginning });
    for (const text of ['a', 'b', 'c']) await client.deliver('source-chain', alice, bob, { text });

    const { lines, next } = await changesOf(bob, `since=${beginning}&limit=2`);
    expect(lines).toEqual(['a delivered', 'b delivered']);
    expect((await changesOf(bob, `since=${next}&limit=2`)).lines).toEqual(['c delivered']);
    expect((await changesOf(bob, `since=${beginning}`)).lines).toHaveLength(3);
  });

  it.each([
    ['of another agent', async () => (await changesOf(alice)).next],
    ['of a page of messages', () => Promise.resolve('A'.repeat(96))],
    ['that is none', () => Promise.resolve('nonsense')],
    ['that is empty', () => Promise.resolve('')],
  ])('is refused %s', async (_, cursor) => {
    const path = `/v1/changes?since=${await cursor()}`;
    const { type } = await client.get('problem', path, { token: bob.token, status: 422 });
    expect(type).toMatch(/^urn:musubi:problem:(invalid-cursor|invalid)$/);
  });

  it.each(['limit=0', 'limit=201', 'wait=31', 'wait=-1', 'wait=1.5', 'wait=', 'since=a&since=b', 'before=x'])(
    'is refused beside %s',
    async (query) => {
      await client.get('problem', `/v1/changes?${query}`, { token: bob.token, status: 422 });
    },
  );

  it('needs a token', async () => {
    await client.get('problem', '/v1/changes', { status: 401 });
  });
});

describe('waiting for a change', () => {
  it('ends with the change', async () => {
    const { next } = await changesOf(bob);
    const waiting = changesOf(bob, `since=${next}&wait=30`);
    await client.send('source-chain', alice, bob, { text: 'at last' });

    expect((await waiting).lines).toEqual(['at last delivered']);
  });

  it('ends without one in its time', async () => {
    const { next } = await changesOf(bob);
    expect(await changesOf(bob, `since=${next}&wait=1`)).toEqual({ lines: [], next });
  });

  it('ends with the session', async () => {
    const { next } = await changesOf(bob);
    const waiting = client.request(`/v1/changes?since=${next}&wait=30`, { token: bob.token });
    const carol = await client.newAgent('carol', PASSPHRASE);
    const { next: start } = await changesOf(carol);
    const locked = client.request(`/v1/changes?since=${start}&wait=30`, { token: carol.token });
    await client.request('/v1/sessions/current', { token: carol.token, method: 'DELETE' });

    expect((await locked).status).toBe(401);
    await client.send('source-chain', alice, bob);
    expect((await waiting).status).toBe(200);
  });
});
