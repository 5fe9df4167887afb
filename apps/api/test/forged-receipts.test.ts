import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { untilEqual } from '../../../test/support/until.js';
import { type Agent, Client, type MessageJson } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const WAIT = { headers: { prefer: 'wait=20' } };

let service: TestService;
let client: Client;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
});

afterAll(() => service.close());

/** A receipt is what the service signs: no route takes one, nor anything that would go into one. */
describe.each(STRATEGY_NAMES)('a stranger, the author or the recipient on %s', (strategy) => {
  const path = `/v1/strategies/${strategy}`;
  const elsewhere = STRATEGY_NAMES.find((name) => name !== strategy) ?? strategy;
  let alice: Agent;
  let bob: Agent;
  let mallory: Agent;
  let sent: MessageJson;

  const asSeenBy = (holder: Agent): Promise<MessageJson> =>
    client.get('message', `${path}/messages/${sent.id}`, { token: holder.token });
  /** @returns the status of the answer, and its problem's code */
  const attempt = async (by: Agent, to: string, body: object): Promise<readonly [number, string]> => {
    const answer = await client.request(to, { token: by.token, body });
    const { type = '' } = (await answer.json()) as { readonly type?: string };
    return [answer.status, type.replace('urn:musubi:problem:', '')];
  };

  beforeAll(async () => {
    [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
    mallory = await client.newAgent('mallory');
    // A first message opens a clone or a mailbox: the forgeries after it write nothing at all.
    await client.send(strategy, mallory, alice, WAIT);
    await client.send(strategy, mallory, bob, WAIT);
  });

  beforeEach(async () => {
    sent = await client.send(strategy, alice, bob, WAIT);
    expect(sent.status).toBe('delivered');
    await service.untilCarried();
  });

  it.each([
    ['a stranger', () => mallory, 404, 'message-not-found'],
    ['the author', () => alice, 403, 'not-recipient'],
  ])('cannot state that it was read as %s', async (_, by, status, code) => {
    const [before, rows] = [await asSeenBy(alice), await service.rows()];

    const body = { status: 'read', messages: [sent.id] };

    expect(await attempt(by(), `${path}/receipts`, body)).toEqual([status, code]);
    expect([await asSeenBy(alice), await service.rows()]).toEqual([before, rows]);
  });

  it('cannot state on another placement that it was read', async () => {
    const [before, rows] = [await asSeenBy(alice), await service.rows()];
    const body = { status: 'read', messages: [sent.id] };

    expect(await attempt(bob, `/v1/strategies/${elsewhere}/receipts`, body)).toEqual([
      404,
      'message-not-found',
    ]);
    expect([await asSeenBy(alice), await service.rows()]).toEqual([before, rows]);
  });

  it('cannot bring a receipt, or a part of one', async () => {
    const [before, rows] = [await asSeenBy(alice), await service.rows()];
    const [, delivered] = sent.receipts;
    const raised = { ...delivered, status: 'read' };
    const messages = [sent.id];
    const forged: readonly object[] = [
      raised,
      [raised],
      { items: [raised] },
      { status: 'delivered', messages },
      { status: 'saved', messages },
      { status: 'failed', messages },
      { status: 'read', messages: [raised] },
      ...Object.entries(raised)
        .filter(([name]) => name !== 'status')
        .map(([name, value]) => ({ status: 'read', messages, [name]: value })),
    ];

    for (const body of forged)
      for (const by of [bob, mallory, alice])
        expect(await attempt(by, `${path}/receipts`, body)).toEqual([422, 'invalid']);
    expect([await asSeenBy(alice), await service.rows()]).toEqual([before, rows]);
  });

  it('cannot send a message with an id, a time, a status or receipts of its own', async () => {
    const rows = await service.rows();
    const { payload, ...rest } = sent;
    const extras = Object.entries(rest).filter(([name]) => name !== 'replyTo');

    for (const [name, value] of [...extras, ['space', sent.receipts[0]?.space]])
      expect(
        await attempt(mallory, `${path}/messages`, { to: bob.agent, payload, [String(name)]: value }),
      ).toEqual([422, 'invalid']);
    expect(await service.rows()).toBe(rows);
  });

  it('cannot lower what was read, or state it twice', async () => {
    const body = { status: 'read', messages: [sent.id, sent.id] };
    const { items } = await client.get('receipts', `${path}/receipts`, { token: bob.token, body });
    // The answer comes before the author has the receipt.
    await untilEqual('read', async () => (await asSeenBy(alice)).status);
    await service.untilCarried();
    const rows = await service.rows();

    const again = await client.get('receipts', `${path}/receipts`, { token: bob.token, body });
    const retried = await client.get('message', `${path}/messages/${sent.id}/retry`, {
      token: alice.token,
      method: 'POST',
      status: 200,
    });

    expect([items.length, again.items]).toEqual([1, items]);
    expect([retried.status, (await asSeenBy(bob)).status]).toEqual(['read', 'read']);
    expect(await service.rows()).toBe(rows);
  });
});
