import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PATIENCE_MS } from '../../../test/support/patience.js';
import { until } from '../../../test/support/until.js';
import { type Agent, Client, type MessageJson } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const PASSPHRASE = 'correct horse battery staple';
const MESSAGES = '/v1/strategies/source-chain/messages';

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

const statusOf = async (path: string, { token }: Agent): Promise<number> =>
  (await client.request(path, { token })).status;
const signOut = ({ token }: Agent): Promise<Response> =>
  client.request('/v1/sessions/current', { token, method: 'DELETE' });
const signIn = async ({ agent }: Agent, passphrase = PASSPHRASE): Promise<Agent> => {
  const { token } = await client.get('token', '/v1/sessions', { body: { agent, passphrase } });
  return { agent, token };
};
const isOnline = async ({ agent }: Agent): Promise<boolean> => {
  const answer = await client.request(`/v1/agents/${agent}`, { token: alice.token });
  return (await answer.text()).includes('"online":true');
};

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
  alice = await client.newAgent('alice');
});

beforeEach(async () => {
  bob = await client.newAgent('bob', PASSPHRASE);
});

afterAll(() => service.close());

describe('signing out', () => {
  it('answers 204', async () => {
    expect((await signOut(bob)).status).toBe(204);
  });

  it('makes the token worthless, also after the agent has signed in again', async () => {
    await signOut(bob);
    const locked = await statusOf(MESSAGES, bob);

    await signIn(bob);

    expect([locked, await statusOf(MESSAGES, bob)]).toEqual([401, 401]);
  });

  it('takes the agent offline', async () => {
    const before = await isOnline(bob);

    await signOut(bob);

    expect([before, await isOnline(bob)]).toEqual([true, false]);
  });

  it('leaves the other sessions of the agent as they are', async () => {
    const other = await signIn(bob);

    await signOut(bob);

    expect([await statusOf(MESSAGES, other), await isOnline(bob)]).toEqual([200, true]);
  });

  it('leaves the other agents as they are', async () => {
    await signOut(bob);

    expect(await statusOf(MESSAGES, alice)).toBe(200);
  });

  it('ends the stream of signals: what comes later is not told to it', async () => {
    const headers = { authorization: `Bearer ${bob.token}` };
    const stream = await fetch(`${client.url}/v1/signals`, {
      headers,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await signOut(bob);
    await signIn(bob);

    await client.send('source-chain', alice, bob, { text: 'not for the old session' });

    expect(await stream.text()).not.toContain('not for the old session');
  });

  it('keeps an unattended agent online', async () => {
    const robot = await client.newAgent('robot');

    await signOut(robot);

    expect(await isOnline(robot)).toBe(true);
  });
});

describe('signing in', () => {
  it('shows the whole history again', async () => {
    const sent: MessageJson[] = [];
    for (const text of ['one', 'two'])
      sent.unshift(await client.deliver('source-chain', alice, bob, { text }));
    await signOut(bob);

    const { token } = await signIn(bob);

    const { items } = await client.get('messages', MESSAGES, { token });
    expect(items).toEqual(sent.map((message) => ({ ...message, unread: true })));
  });

  it('brings the agent online, so that what was kept for it is delivered', async () => {
    await signOut(bob);
    const { id, status } = await client.send('source-chain', alice, bob);

    await signIn(bob);

    await until(async () => {
      const { status: now } = await client.get('message', `${MESSAGES}/${id}`, { token: alice.token });
      expect([status, now]).toEqual(['saved', 'delivered']);
    });
  });

  it('gives each session a token of its own', async () => {
    const [one, other] = await Promise.all([signIn(bob), signIn(bob)]);

    expect(new Set([bob.token, one.token, other.token]).size).toBe(3);
  });

  it.each([
    ['a wrong passphrase', `${PASSPHRASE}!`],
    ['a passphrase in other letters', PASSPHRASE.toUpperCase()],
    ['a passphrase with a space after it', `${PASSPHRASE} `],
  ])('is refused with %s', async (_, passphrase) => {
    const body = { agent: bob.agent, passphrase };

    const problem = await client.get('problem', '/v1/sessions', { body, status: 401 });

    expect(problem.type).toBe('urn:musubi:problem:unauthenticated');
  });

  it('that is refused leaves the agent offline', async () => {
    await signOut(bob);

    await client.request('/v1/sessions', { body: { agent: bob.agent, passphrase: 'a wrong passphrase' } });

    expect(await isOnline(bob)).toBe(false);
  });

  it('is refused to an agent without passphrase, whatever it gives', async () => {
    const body = { agent: alice.agent, passphrase: PASSPHRASE };

    expect((await client.request('/v1/sessions', { body })).status).toBe(401);
  });
});
