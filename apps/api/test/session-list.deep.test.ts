import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';
import {
  PASSPHRASE,
  end,
  idOf,
  isOnline,
  sessionsOf,
  sessionsSchema,
  signIn,
  statusOf,
  streamOf,
} from './support/session-client.js';

describe('sessions', () => {
  let service: TestService;
  let client: Client;
  let alice: Agent;
  let bob: Agent;

  beforeAll(async () => {
    service = await openService();
    client = new Client(service.url);
    alice = await client.newAgent('alice');
  });

  beforeEach(async () => {
    bob = await client.newAgent('bob', PASSPHRASE);
  });

  afterAll(() => service.close());

  it('are listed without their tokens, and tell which of them asks', async () => {
    const other = await signIn(client, bob);

    const answer = await client.request('/v1/sessions', { token: other.token });
    const text = await answer.text();

    const { items } = sessionsSchema.parse(JSON.parse(text));
    expect(items.map(({ current }) => current)).toEqual([true, false]);
    expect([text.includes(bob.token), text.includes(other.token)]).toEqual([false, false]);
  });

  it('of an attended agent tell when they expire, and those of an unattended one that they do not', async () => {
    const [attended] = (await sessionsOf(client, bob)).items;
    const [unattended] = (await sessionsOf(client, alice)).items;

    const lasts = Date.parse(attended?.expiresAt ?? '') - Date.parse(attended?.lastUsedAt ?? '');
    expect([lasts, unattended?.expiresAt]).toEqual([7 * 86_400_000, null]);
  });

  it('are revoked one by one', async () => {
    const lost = await signIn(client, bob);
    const session = await idOf(client, lost);

    const revoked = await end(client, bob, session);

    expect([revoked, await statusOf(client, lost), await statusOf(client, bob)]).toEqual([204, 401, 200]);
    expect(await end(client, bob, session)).toBe(404);
  });

  it('are revoked all at once, which locks the keys', async () => {
    const other = await signIn(client, bob);

    const { status } = await client.request('/v1/sessions', { token: other.token, method: 'DELETE' });

    expect([status, await statusOf(client, bob), await statusOf(client, other)]).toEqual([204, 401, 401]);
    expect(await isOnline(client, bob, alice)).toBe(false);
  });

  it('of others cannot be revoked', async () => {
    expect([await end(client, alice, await idOf(client, bob)), await statusOf(client, bob)]).toEqual([
      404, 200,
    ]);
  });

  it('are not revoked by what is no session id', async () => {
    expect(await end(client, bob, '/nonsense')).toBe(422);
  });

  it.each([
    ['signed out', (session: Agent) => end(client, session)],
    ['revoked', async (session: Agent) => end(client, bob, await idOf(client, session))],
    ['revoked with all others', (session: Agent) => end(client, session, '')],
  ])('end their streams when they are %s', async (_, revoke) => {
    const session = await signIn(client, bob);
    const stream = await streamOf(client, session);

    await revoke(session);

    expect(await stream.text).not.toContain('event: message');
  });
});
