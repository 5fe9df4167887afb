import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { untilEqual } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const MESSAGES = '/v1/strategies/pairwise-dht/messages';
/** The answer comes when the first attempt has ended. */
const UNTIL_TRIED = { headers: { prefer: 'wait=30' } };

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  service = await openService({ CLONE_LIMIT: '2' });
  client = new Client(service.url);
});

beforeEach(async () => {
  alice = await client.newAgent('alice');
  bob = await client.newAgent('bob');
});

afterAll(() => service.close());

const pathOf = ({ agent }: Agent): string => `/v1/clones/${agent}`;

function setEnabled({ token }: Agent, peer: Agent, enabled: boolean): Promise<{ state: string }> {
  return client.get('clone', pathOf(peer), { token, method: 'PUT', body: { enabled }, status: 200 });
}

async function problemOf(
  status: number,
  path: string,
  options: Parameters<Client['request']>[1],
): Promise<string> {
  const { type } = await client.get('problem', path, { ...options, status });
  return type.replace('urn:musubi:problem:', '');
}

const messageTo = ({ agent }: Agent): object => ({ to: agent, payload: { type: 'text', text: 'hi' } });

describe('the clones of an agent', () => {
  it('are listed with their peers and states, page by page', async () => {
    const carol = await client.newAgent('carol', 'correct horse');
    await client.request('/v1/sessions/current', { token: carol.token, method: 'DELETE' });
    await client.deliver('pairwise-dht', alice, bob);
    await client.send('pairwise-dht', alice, carol);
    const { token } = alice;

    const first = await client.get('clones', '/v1/clones?limit=1', { token });
    const second = await client.get('clones', `/v1/clones?limit=1&after=${first.next ?? ''}`, { token });

    expect(second.next).toBeNull();
    expect(new Set([...first.items, ...second.items])).toEqual(
      new Set([
        { peer: bob.agent, state: 'primed' },
        { peer: carol.agent, state: 'invited' },
      ]),
    );
  });

  it('are nobody else’s to see', async () => {
    await client.send('pairwise-dht', alice, bob);
    const carol = await client.newAgent('carol');

    expect((await client.get('clones', '/v1/clones', { token: carol.token })).items).toEqual([]);
    expect(await problemOf(404, pathOf(alice), { token: carol.token })).toBe('clone-not-found');
  });

  it.each([
    ['a body without `enabled`', {}],
    ['a body with more', { enabled: true, peer: 'x' }],
    ['something else than a boolean', { enabled: 'yes' }],
  ])('are not changed by %s', async (_, body) => {
    await client.send('pairwise-dht', alice, bob);

    const code = await problemOf(422, pathOf(bob), { token: alice.token, method: 'PUT', body });

    expect(code).toBe('invalid');
  });

  it('need a token, an existing peer, and a genuine cursor', async () => {
    const { token } = alice;
    const body = { enabled: false };

    expect(await problemOf(401, '/v1/clones', {})).toBe('unauthenticated');
    expect(await problemOf(422, '/v1/clones/bob', { token })).toBe('invalid');
    expect(await problemOf(422, '/v1/clones?after=bob', { token })).toBe('invalid-cursor');
    expect(await problemOf(404, pathOf(bob), { token, method: 'PUT', body })).toBe('clone-not-found');
  });
});

describe('a disabled clone', () => {
  it('refuses its holder’s messages as a conflict, writes nothing, and stays readable', async () => {
    const { id } = await client.deliver('pairwise-dht', alice, bob);
    expect((await setEnabled(alice, bob, false)).state).toBe('disabled');
    const before = await service.rows();

    const code = await problemOf(409, MESSAGES, { token: alice.token, body: messageTo(bob) });

    expect(code).toBe('clone-disabled');
    expect(await service.rows()).toBe(before);
    const { status } = await client.get('message', `${MESSAGES}/${id}`, { token: alice.token });
    expect(status).toBe('delivered');
  });

  it('leaves the peer’s message saved, says why, and has it once it is enabled', async () => {
    await client.deliver('pairwise-dht', alice, bob);
    await setEnabled(bob, alice, false);

    const { id, status, delivery } = await client.send('pairwise-dht', alice, bob, UNTIL_TRIED);
    await setEnabled(bob, alice, true);
    await client.request(`${MESSAGES}/${id}/retry`, { token: alice.token, method: 'POST' });

    expect([status, delivery?.lastError]).toEqual(['saved', 'remote-call-refused/clone-disabled']);
    await untilEqual(
      'delivered',
      async () => (await client.get('message', `${MESSAGES}/${id}`, { token: bob.token })).status,
    );
  });

  it('makes room for another, which keeps it from being enabled', async () => {
    const [carol, dave] = [await client.newAgent('carol'), await client.newAgent('dave')];
    await client.send('pairwise-dht', alice, bob);
    await client.send('pairwise-dht', alice, carol);
    const { token } = alice;
    const full = await problemOf(409, MESSAGES, { token, body: messageTo(dave) });

    await setEnabled(alice, bob, false);
    const { status } = await client.deliver('pairwise-dht', alice, dave);

    const body = { enabled: true };
    const back = await problemOf(409, pathOf(bob), { token, method: 'PUT', body });
    expect(status).toBe('delivered');
    expect([full, back]).toEqual(['clone-limit-reached', 'clone-limit-reached']);
  });
});

describe('clones that strangers opened', () => {
  it('leave places to their holder, and are switched off all at once', async () => {
    const [carol, dave] = [await client.newAgent('carol'), await client.newAgent('dave')];
    await client.deliver('pairwise-dht', bob, alice);
    const { status, delivery } = await client.send('pairwise-dht', carol, alice, UNTIL_TRIED);
    expect([status, delivery?.lastError]).toEqual(['saved', 'remote-call-refused/clone-limit-reached']);
    await client.deliver('pairwise-dht', alice, dave);

    const body = { enabled: false, openedBy: 'peer' };
    const answer = await client.request('/v1/clones', { token: alice.token, method: 'PUT', body });

    expect([answer.status, await answer.json()]).toEqual([200, { openedBy: 'peer', disabled: 1 }]);
    const { items } = await client.get('clones', '/v1/clones', { token: alice.token });
    expect(new Set(items)).toEqual(
      new Set([
        { peer: bob.agent, state: 'disabled' },
        { peer: dave.agent, state: 'primed' },
      ]),
    );
  });
});
