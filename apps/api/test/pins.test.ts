import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { untilEqual } from '../../../test/support/until.js';
import { type Agent, Client, type MessageJson } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';
import { openSignals } from './support/signals.js';

const NOBODY = Buffer.alloc(32, 7).toString('base64url');

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;
let carol: Agent;

beforeAll(async () => {
  service = await openService({ AGENTS_PER_DAY: '1000', FIRST_CONTACTS_PER_DAY: '1000' });
  client = new Client(service.url);
});

beforeEach(async () => {
  alice = await client.newAgent('alice');
  bob = await client.newAgent('bob', 'bob is away at times');
  carol = await client.newAgent('carol');
});

afterAll(() => service.close());

describe.each(STRATEGY_NAMES)('pins on %s', (strategy) => {
  const pathOf = (id: string): string => `/v1/strategies/${strategy}/messages/${id}`;

  function put(agent: Agent, id: string): Promise<MessageJson> {
    const options = { method: 'PUT', token: agent.token, status: 200 };
    return client.get('message', `${pathOf(id)}/pin`, options);
  }

  function remove(agent: Agent, id: string): Promise<MessageJson> {
    const options = { method: 'DELETE', token: agent.token, status: 200 };
    return client.get('message', `${pathOf(id)}/pin`, options);
  }

  async function refused(method: string, path: string, { token }: Agent): Promise<unknown> {
    const answer = await client.request(path, { method, token });
    const { type } = (await answer.json()) as { readonly type: string };
    return [answer.status, type.replace('urn:musubi:problem:', '')];
  }

  async function isPinned({ token }: Agent, id: string): Promise<boolean> {
    return (await client.get('message', pathOf(id), { token })).pinned;
  }

  async function pinsOf({ token }: Agent, peer: Agent): Promise<readonly string[]> {
    const path = `/v1/strategies/${strategy}/pins?with=${peer.agent}`;
    return (await client.get('messages', path, { token })).items.map(({ id }) => id);
  }

  it('show to both, whichever of them pins and unpins', async () => {
    const { id } = await client.deliver(strategy, alice, bob);
    expect(await isPinned(alice, id)).toBe(false);

    expect(await put(bob, id)).toMatchObject({ id, pinned: true });
    await untilEqual(true, () => isPinned(alice, id));
    expect(await pinsOf(alice, bob)).toEqual([id]);
    expect(await pinsOf(bob, alice)).toEqual([id]);

    expect(await remove(alice, id)).toMatchObject({ id, pinned: false });
    await untilEqual(false, () => isPinned(bob, id));
    expect(await pinsOf(bob, alice)).toEqual([]);
  });

  it('stay as they are when they are repeated', async () => {
    const { id } = await client.deliver(strategy, alice, bob);
    await put(alice, id);
    await untilEqual(true, () => isPinned(bob, id));

    expect(await put(alice, id)).toMatchObject({ pinned: true });
    expect(await put(bob, id)).toMatchObject({ pinned: true });
    expect(await pinsOf(bob, alice)).toEqual([id]);
    await remove(bob, id);
    expect(await remove(bob, id)).toMatchObject({ pinned: false });
    await untilEqual(false, () => isPinned(alice, id));
  });

  it('are the same for both after both have pinned and unpinned at once', async () => {
    const { id } = await client.deliver(strategy, alice, bob);
    const agree = async (): Promise<boolean> => (await isPinned(alice, id)) === (await isPinned(bob, id));
    for (let round = 0; round < 4; round += 1) {
      await Promise.all([put(alice, id), put(bob, id), remove(alice, id), put(alice, id), remove(bob, id)]);
      await untilEqual(true, agree);
    }
    // What is said now is later than all that was said before, and the other one has to hear it.
    const last = !(await isPinned(bob, id));
    await (last ? put(alice, id) : remove(alice, id));
    await untilEqual(last, () => isPinned(bob, id));
  });

  it('come to a peer that was away', async () => {
    const { id } = await client.deliver(strategy, alice, bob);
    const options = { method: 'DELETE', token: bob.token };
    expect((await client.request('/v1/sessions/current', options)).status).toBe(204);

    expect(await put(alice, id)).toMatchObject({ pinned: true });
    const body = { agent: bob.agent, passphrase: 'bob is away at times' };
    const { token } = await client.get('token', '/v1/sessions', { body });
    await untilEqual(true, () => isPinned({ ...bob, token }, id));
  });

  it('follow a message that its author pinned before it was delivered', async () => {
    await client.deliver(strategy, alice, bob);
    const options = { method: 'DELETE', token: bob.token };
    expect((await client.request('/v1/sessions/current', options)).status).toBe(204);
    const { id } = await client.send(strategy, alice, bob);
    expect(await put(alice, id)).toMatchObject({ pinned: true });

    const body = { agent: bob.agent, passphrase: 'bob is away at times' };
    const { token } = await client.get('token', '/v1/sessions', { body });
    await untilEqual('delivered', async () => {
      return (await client.get('message', pathOf(id), { token: alice.token })).status;
    });
    await untilEqual(true, () => isPinned({ ...bob, token }, id));
  });

  it('are an event of the peer’s stream and among its changes', async () => {
    const { id } = await client.deliver(strategy, alice, bob);
    const stream = await openSignals(service.url, bob);
    const path = '/v1/changes?since=';
    const { next } = await client.get('changes', `${path}latest`, { token: bob.token });

    await put(alice, id);
    expect(await stream.next('message')).toMatchObject({ id, pinned: true });
    const { items } = await client.get('changes', path + next, { token: bob.token });
    expect(items).toMatchObject([{ type: 'message', message: { id, pinned: true } }]);
    await stream.close();
  });

  it('are listed by message, latest first, page by page, without what was deleted', async () => {
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three', 'four'])
      ids.unshift((await client.deliver(strategy, alice, bob, { text })).id);
    for (const id of ids) await put(alice, id);
    const [four = '', three = '', two = '', one = ''] = ids;
    expect((await client.request(pathOf(three), { method: 'DELETE', token: alice.token })).status).toBe(204);

    const path = `/v1/strategies/${strategy}/pins?with=${bob.agent}&limit=2`;
    const first = await client.get('messages', path, { token: alice.token });
    expect(first.items.map(({ id }) => id)).toEqual([four, two]);
    const rest = await client.get('messages', `${path}&before=${first.next}`, { token: alice.token });
    expect(rest.items.map(({ id }) => id)).toEqual([one]);
    expect(rest.next).toBeNull();
    await untilEqual(ids.join(), async () => (await pinsOf(bob, alice)).join());
  });

  it('are for oneself in a message to oneself', async () => {
    const { id } = await client.send(strategy, alice, alice);
    expect(await put(alice, id)).toMatchObject({ pinned: true, status: 'read' });
    expect(await pinsOf(alice, alice)).toEqual([id]);
    expect(await remove(alice, id)).toMatchObject({ pinned: false });
  });

  it('are refused for what is not there, was deleted, or is somebody else’s', async () => {
    const { id } = await client.deliver(strategy, alice, bob);
    expect(await refused('PUT', `${pathOf(NOBODY)}/pin`, alice)).toEqual([404, 'message-not-found']);
    expect(await refused('DELETE', `${pathOf(NOBODY)}/pin`, alice)).toEqual([404, 'message-not-found']);
    expect(await refused('PUT', `${pathOf(id)}/pin`, carol)).toEqual([404, 'message-not-found']);
    expect(await refused('PUT', `${pathOf('short')}/pin`, alice)).toEqual([422, 'invalid']);
    expect(await refused('GET', `/v1/strategies/${strategy}/pins`, alice)).toEqual([422, 'invalid']);

    expect((await client.request(pathOf(id), { method: 'DELETE', token: bob.token })).status).toBe(204);
    expect(await refused('PUT', `${pathOf(id)}/pin`, bob)).toEqual([410, 'message-deleted']);
    // The other one is not told of the deletion.
    expect(await put(alice, id)).toMatchObject({ pinned: true });
    expect(await pinsOf(bob, alice)).toEqual([]);
  });
});
