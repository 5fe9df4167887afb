import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';
import { openSignals } from './support/signals.js';

const CALLED = ['source-chain', 'pairwise-dht'] as const;

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
  alice = await client.newAgent('alice');
  bob = await client.newAgent('bob');
});

afterAll(() => service.close());

const tell = (strategy: string, body: object): Promise<Response> =>
  client.request(`/v1/strategies/${strategy}/typing`, { method: 'POST', token: alice.token, body });

async function typeOf(answer: Response): Promise<unknown> {
  return [answer.status, ((await answer.json()) as { readonly type: string }).type];
}

describe.each(CALLED)('typing on %s', (strategy) => {
  it('is an event of the peer’s stream, and no change', async () => {
    const stream = await openSignals(service.url, bob);
    await client.send(strategy, alice, bob, { headers: { prefer: 'wait=30' } });
    // The stream listens.
    await stream.next('message');
    const since = await client.request('/v1/changes?since=latest', { token: bob.token });
    const { next } = (await since.json()) as { readonly next: string };

    expect((await tell(strategy, { to: bob.agent, typing: true })).status).toBe(204);
    expect(await stream.next('typing')).toEqual({ strategy, from: alice.agent, typing: true, seconds: 6 });
    expect((await tell(strategy, { to: bob.agent, typing: false })).status).toBe(204);
    expect(await stream.next('typing')).toMatchObject({ typing: false });
    const changes = await client.request(`/v1/changes?since=${next}`, { token: bob.token });
    expect(await changes.json()).toMatchObject({ items: [] });
    await stream.close();
  });

  it('is answered in the same way where it is not shown', async () => {
    const carol = await client.newAgent('carol');
    const [stranger, self] = [carol.agent, alice.agent];

    for (const to of [stranger, self]) expect((await tell(strategy, { to, typing: true })).status).toBe(204);
  });

  it('of nonsense, and to nobody, is refused', async () => {
    for (const body of [{}, { to: bob.agent }, { to: bob.agent, typing: 'yes' }, { to: 'bob', typing: true }])
      expect(await typeOf(await tell(strategy, body))).toEqual([422, 'urn:musubi:problem:invalid']);
    expect(await typeOf(await tell(strategy, { to: `${'c'.repeat(42)}A`, typing: true }))).toEqual([
      422,
      'urn:musubi:problem:unknown-recipient',
    ]);
  });
});

it('is not carried on global-dht, and the answer says so', async () => {
  expect(await typeOf(await tell('global-dht', { to: bob.agent, typing: true }))).toEqual([
    422,
    'urn:musubi:problem:typing-not-carried',
  ]);
});
