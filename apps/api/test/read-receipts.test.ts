import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type SignalStream, openSignalStream } from '../../../test/support/signal-stream.js';
import { until, untilEqual } from '../../../test/support/until.js';
import { type Agent, Client, type MessageJson } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

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
  [alice, bob, carol] = [
    await client.newAgent('alice'),
    await client.newAgent('bob'),
    await client.newAgent('carol'),
  ];
});

afterAll(() => service.close());

async function put(path: string, { token }: Agent, body: object): Promise<unknown> {
  const answer = await client.request(path, { method: 'PUT', token, body });
  const { type, ...rest } = (await answer.json()) as { type?: string };
  return type === undefined ? rest : [answer.status, type.replace('urn:musubi:problem:', '')];
}

async function mark(strategy: string, { token }: Agent, ...messages: string[]): Promise<unknown> {
  const body = { status: 'read', messages };
  const answer = await client.request(`/v1/strategies/${strategy}/receipts`, { token, body });
  return answer.json();
}

function found(strategy: string, { token }: Agent, id: string): Promise<MessageJson> {
  return client.get('message', `/v1/strategies/${strategy}/messages/${id}`, { token });
}

async function unreadWith(strategy: string, { token }: Agent, peer: Agent): Promise<number | undefined> {
  const { items } = await client.get('conversations', `/v1/strategies/${strategy}/conversations`, { token });
  return items.find((item) => item.peer === peer.agent)?.unread;
}

function expected(stream: SignalStream, text: string): Promise<void> {
  return Promise.resolve().then(() => {
    expect(stream.text()).toContain(text);
  });
}

const quietly = (id: string): object => ({ items: [], untold: [id], failed: [] });
const loudly = (id: string): object => ({ items: [{ message: id, status: 'read' }], untold: [], failed: [] });

describe.each(STRATEGY_NAMES)('read receipts on %s', (strategy) => {
  it('are made at first, and not after they are switched off: what is read is only not unread', async () => {
    const [one, two] = [
      await client.deliver(strategy, alice, bob),
      await client.deliver(strategy, alice, bob),
    ];
    expect(await found(strategy, bob, one.id)).toMatchObject({ status: 'delivered', unread: true });
    expect(await mark(strategy, bob, one.id)).toMatchObject(loudly(one.id));
    expect(await put('/v1/settings', bob, { readReceipts: false })).toEqual({
      whoMayWrite: 'everybody',
      readReceipts: false,
    });

    expect(await mark(strategy, bob, two.id, two.id)).toMatchObject(quietly(two.id));
    expect(await unreadWith(strategy, bob, alice)).toBe(0);
    expect(await found(strategy, bob, two.id)).toMatchObject({ status: 'delivered', unread: false });
    await untilEqual('read', async () => (await found(strategy, alice, one.id)).status);
    expect(await found(strategy, alice, two.id)).toMatchObject({ status: 'delivered', unread: false });
  });

  it('stay unmade for what was read before they are switched on', async () => {
    const [before, after] = [
      await client.deliver(strategy, alice, bob),
      await client.deliver(strategy, alice, bob),
    ];
    await put('/v1/settings', bob, { readReceipts: false });
    await mark(strategy, bob, before.id);
    await put('/v1/settings', bob, { readReceipts: true });

    const batch = await mark(strategy, bob, before.id, after.id, NOBODY);

    expect(batch).toMatchObject({
      items: [{ message: after.id, status: 'read' }],
      untold: [before.id],
      failed: [{ message: NOBODY, problem: { type: 'urn:musubi:problem:message-not-found' } }],
    });
    await untilEqual('read', async () => (await found(strategy, alice, after.id)).status);
    expect((await found(strategy, alice, before.id)).status).toBe('delivered');
  });

  it('follow the switch of a contact before that of the settings', async () => {
    const [ofAlice, ofCarol] = [
      await client.deliver(strategy, alice, bob),
      await client.deliver(strategy, carol, bob),
    ];
    await put('/v1/settings', bob, { readReceipts: false });
    await put(`/v1/contacts/${alice.agent}`, bob, {});
    await put(`/v1/contacts/${alice.agent}`, bob, { readReceipts: true });
    expect(await mark(strategy, bob, ofAlice.id)).toMatchObject(loudly(ofAlice.id));
    expect(await mark(strategy, bob, ofCarol.id)).toMatchObject(quietly(ofCarol.id));

    const next = await client.deliver(strategy, alice, bob);
    await put('/v1/settings', bob, { readReceipts: true });
    await put(`/v1/contacts/${alice.agent}`, bob, { readReceipts: false });
    expect(await mark(strategy, bob, next.id)).toMatchObject(quietly(next.id));
  });

  it('change nothing for the changes of the reader: another device learns that it is read', async () => {
    const { id } = await client.deliver(strategy, alice, bob);
    await put('/v1/settings', bob, { readReceipts: false });
    const { token } = bob;
    const { next } = await client.get('changes', '/v1/changes?since=latest', { token });

    await mark(strategy, bob, id);

    const { items } = await client.get('changes', `/v1/changes?since=${next}&wait=30`, { token });
    expect(items).toMatchObject([{ type: 'message', message: { id, status: 'delivered', unread: false } }]);
  });

  it('come to the streams of the reader as no new message, also where none is made', async () => {
    await put('/v1/settings', bob, { readReceipts: false });
    const stream = await openSignalStream(client, bob);
    await until(() => expected(stream, 'event: heartbeat'));
    const { id } = await client.deliver(strategy, alice, bob);
    await until(() => expected(stream, id));
    await mark(strategy, bob, id);

    await until(() => expected(stream, '"unread":false'));
    const types = (unread: boolean): unknown =>
      new Set(
        stream
          .text()
          .split('\n\n')
          .filter((event) => event.includes(`"unread":${unread}`))
          .map((event) => /^event: (.*)$/m.exec(event)?.[1]),
      );
    expect([types(true), types(false)]).toEqual([new Set(['message']), new Set(['receipt'])]);
    await stream.close();
  });
});

describe('the switch of a contact', () => {
  it('is shown, stays when it is not named, and goes with the contact', async () => {
    const path = `/v1/contacts/${alice.agent}`;
    const shown = async (): Promise<unknown> =>
      (await client.request('/v1/contacts', { token: bob.token })).json();
    const { agent } = alice;

    expect(await put(path, bob, {})).toMatchObject({ agent, readReceipts: null });
    expect(await put(path, bob, { readReceipts: false })).toMatchObject({ agent, readReceipts: false });
    expect(await put(path, bob, {})).toMatchObject({ agent, readReceipts: false });
    expect(await shown()).toMatchObject({ items: [{ agent, readReceipts: false }] });
    expect(await put(path, bob, { readReceipts: null })).toMatchObject({ agent, readReceipts: null });
    await put(path, bob, { readReceipts: false });
    await client.request(path, { method: 'DELETE', token: bob.token });
    expect(await put(path, bob, {})).toMatchObject({ agent, readReceipts: null });
  });

  it('is refused when it is wrong, or of no contact, and nothing is written', async () => {
    const before = await service.rows();

    for (const readReceipts of ['off', 0, {}])
      expect(await put(`/v1/contacts/${alice.agent}`, bob, { readReceipts })).toEqual([422, 'invalid']);
    for (const agent of [NOBODY, bob.agent, alice.agent])
      for (const change of [{ readReceipts: false }, { petname: 'a' }, { readReceipts: null, petname: null }])
        expect(await put(`/v1/contacts/${agent}`, bob, change)).toEqual([404, 'contact-not-found']);
    expect(await service.rows()).toBe(before);
  });

  it('lets nobody write: whom it names is no contact for it', async () => {
    await put('/v1/settings', bob, { whoMayWrite: 'contacts' });
    await put(`/v1/contacts/${alice.agent}`, bob, { readReceipts: false });

    const sent = await client.send('pairwise-dht', alice, bob, { headers: { prefer: 'wait=30' } });

    expect(sent.status).toBe('failed');
    expect(await unreadWith('pairwise-dht', bob, alice)).toBeUndefined();
  });
});
