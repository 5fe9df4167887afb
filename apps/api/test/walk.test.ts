import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromBase64Url, verify } from '@musubi/crypto';
import {
  STRATEGY_NAMES,
  parseAgentPubKey,
  parseMessageId,
  parseSpaceId,
  parseTimestamp,
} from '@musubi/messaging';
import { receiptBytes } from '@musubi/receipts';
import { until, untilEqual } from '../../../test/support/until.js';
import { type Agent, Client, type MessageJson } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';
import { openSignals } from './support/signals.js';

const PASSPHRASE = 'correct horse battery staple';

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
});

afterAll(() => service.close());

/** A receipt is checked with nothing but what the API shows of it. */
function isGenuine({ message, status, by, at, space, signature }: MessageJson['receipts'][number]): boolean {
  const micros = parseTimestamp(Date.parse(at) * 1000 + Number(at.slice(23, 26)));
  const receipt = {
    message: parseMessageId(message),
    status: status === 'read' ? 'read' : status === 'saved' ? 'saved' : 'delivered',
    by: parseAgentPubKey(by),
    at: micros,
    space: parseSpaceId(space),
  } as const;
  return verify(fromBase64Url(signature), receiptBytes(receipt), fromBase64Url(by));
}

describe.each(STRATEGY_NAMES)('two agents on %s', (strategy) => {
  const path = `/v1/strategies/${strategy}/messages`;

  beforeAll(async () => {
    alice = await client.newAgent('alice');
    bob = await client.newAgent('bob', PASSPHRASE);
  });

  const seenBy = (agent: Agent, id: string): Promise<MessageJson> =>
    client.get('message', `${path}/${id}`, { token: agent.token });

  it('exchange a message with receipts that anybody can check', async () => {
    const sent = await client.deliver(strategy, alice, bob, { text: 'first' });

    expect(sent).toMatchObject({ status: 'delivered', author: alice.agent, recipient: bob.agent });
    expect(sent.receipts.map(({ status, by }) => [status, by])).toEqual([
      ['saved', alice.agent],
      ['delivered', bob.agent],
    ]);
    expect(sent.receipts.every(isGenuine)).toBe(true);
    expect(sent.receipts.some((receipt) => isGenuine({ ...receipt, by: alice.agent, status: 'read' }))).toBe(
      false,
    );
    expect(await seenBy(bob, sent.id)).toEqual({ ...sent, unread: true });
  });

  it('learn that a message was read', async () => {
    const { id } = await client.deliver(strategy, alice, bob);
    const body = { status: 'read', messages: [id] };

    await client.get('receipts', `/v1/strategies/${strategy}/receipts`, { token: bob.token, body });

    await until(async () => {
      const { status, receipts } = await seenBy(alice, id);
      expect([status, receipts.every(isGenuine)]).toEqual(['read', true]);
    });
  });

  it('are told of messages and receipts as they happen', async () => {
    const [toBob, toAlice] = [await openSignals(client.url, bob), await openSignals(client.url, alice)];

    const { id } = await client.send(strategy, alice, bob, { text: 'listen' });

    expect(await toBob.next('message')).toMatchObject({ id, payload: { text: 'listen' } });
    expect(await toAlice.next('receipt')).toMatchObject({ id, status: 'delivered' });
    await Promise.all([toBob.close(), toAlice.close()]);
  });

  it('reply, page and list conversations', async () => {
    const { id, sentAt } = await client.deliver(strategy, alice, bob, { text: 'a question' });
    await client.deliver(strategy, bob, alice, { text: 'an answer', replyTo: id });

    const first = await client.get('messages', `${path}?limit=1&with=${bob.agent}`, { token: alice.token });
    const second = await client.get('messages', `${path}?limit=1&before=${first.next ?? ''}`, {
      token: alice.token,
    });
    const back = await client.get('messages', `${path}?limit=1&after=${second.prev ?? ''}`, {
      token: alice.token,
    });
    const around = await client.get('messages', `${path}?limit=3&around=${id}`, { token: alice.token });
    const thatDay = await client.get('messages', `${path}?on=${sentAt.slice(0, 10)}`, { token: alice.token });
    const { items } = await client.get('conversations', `/v1/strategies/${strategy}/conversations`, {
      token: alice.token,
    });

    expect(first.items[0]).toMatchObject({ payload: { text: 'an answer' }, replyTo: id });
    expect(second.items[0]?.id).toBe(id);
    expect(back.items).toEqual(first.items);
    expect(around.items[1]?.id).toBe(id);
    expect(thatDay.items.map((message) => message.id)).toContain(id);
    expect(items).toMatchObject([{ peer: bob.agent, unread: 1, last: { payload: { text: 'an answer' } } }]);
  });

  it('send one message for eight requests with one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': `once-${strategy}` };

    const answers = await Promise.all(
      Array.from({ length: 8 }, () => client.deliver(strategy, alice, bob, { text: 'only once', headers })),
    );

    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    const { items } = await client.get('messages', `${path}?limit=200`, { token: bob.token });
    expect(items.filter(({ payload }) => payload.text === 'only once')).toHaveLength(1);
  });

  it('need not wait for delivery', async () => {
    const sent = await client.send(strategy, alice, bob, { headers: { prefer: 'respond-async' } });

    expect(sent.receipts.map(({ status }) => status)).toContain('saved');
    await untilEqual('delivered', async () => (await seenBy(alice, sent.id)).status);
  });

  it('keep a message for a recipient who has signed out, until it signs in', async () => {
    await client.request('/v1/sessions/current', { token: bob.token, method: 'DELETE' });
    const sent = await client.send(strategy, alice, bob, { headers: { prefer: 'wait=0' } });
    const locked = await client.request(path, { token: bob.token });

    const body = { agent: bob.agent, passphrase: PASSPHRASE };
    const { token } = await client.get('token', '/v1/sessions', { body });
    bob = { ...bob, token };

    expect([sent.status, locked.status]).toEqual(['saved', 401]);
    expect(sent.delivery).toBeDefined();
    await untilEqual('delivered', async () => (await seenBy(alice, sent.id)).status);
    expect((await seenBy(bob, sent.id)).id).toBe(sent.id);
  });

  it('delete a message for themselves', async () => {
    const { id } = await client.deliver(strategy, alice, bob);

    const answer = await client.request(`${path}/${id}`, { token: alice.token, method: 'DELETE' });

    expect(answer.status).toBe(204);
    const gone = await client.get('problem', `${path}/${id}`, { token: alice.token, status: 410 });
    expect(gone.type).toBe('urn:musubi:problem:message-deleted');
    expect((await seenBy(bob, id)).id).toBe(id);
  });

  it('retry a message that is delivered without harm', async () => {
    const sent = await client.deliver(strategy, alice, bob);

    const options = { token: alice.token, method: 'POST', status: 200 };
    expect(await client.get('message', `${path}/${sent.id}/retry`, options)).toEqual(sent);
  });
});
