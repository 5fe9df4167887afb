import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { z } from 'zod';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;
let carol: Agent;

const batchSchema = z.object({
  items: z.array(z.object({ message: z.string(), status: z.literal('read') })),
  failed: z.array(
    z.object({ message: z.string(), problem: z.object({ type: z.string(), status: z.number() }) }),
  ),
});

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
  [alice, bob, carol] = [
    await client.newAgent('alice'),
    await client.newAgent('bob'),
    await client.newAgent('carol'),
  ];
});

afterAll(() => service.close());

describe.each(STRATEGY_NAMES)('on %s', (strategy) => {
  const path = `/v1/strategies/${strategy}`;
  const random = (): string => toBase64Url(randomBytes(32));
  const reply = async (to: Agent, replyTo: string): Promise<number> => {
    const body = { to: to.agent, payload: { type: 'text', text: 'a reply' }, replyTo };
    return (await client.request(`${path}/messages`, { token: alice.token, body })).status;
  };

  it('a reply goes to a message of the same conversation, sent or received', async () => {
    const [sent, received] = [
      await client.deliver(strategy, alice, bob),
      await client.deliver(strategy, bob, alice),
    ];

    expect([await reply(bob, sent.id), await reply(bob, received.id)]).toEqual([201, 201]);
  });

  it('a reply to another conversation, or to what was deleted, is refused and writes nothing', async () => {
    const other = await client.deliver(strategy, alice, carol);
    const deleted = await client.deliver(strategy, bob, alice);
    await client.request(`${path}/messages/${deleted.id}`, { token: alice.token, method: 'DELETE' });
    await service.untilCarried();
    const before = await service.rows();

    const answers = [await reply(bob, other.id), await reply(bob, deleted.id), await reply(bob, random())];

    expect([answers, await service.rows()]).toEqual([[422, 422, 422], before]);
  });

  it('a batch of receipts marks what it can and names the rest', async () => {
    const [one, two] = [
      await client.deliver(strategy, bob, alice),
      await client.deliver(strategy, carol, alice),
    ];
    const [own, unknown] = [await client.deliver(strategy, alice, bob), random()];
    const body = { status: 'read', messages: [one.id, own.id, unknown, two.id, one.id] };

    const answer = await client.request(`${path}/receipts`, { token: alice.token, body });

    const { items, failed } = batchSchema.parse(await answer.json());
    expect([answer.status, items.map(({ message }) => message)]).toEqual([201, [one.id, two.id]]);
    expect(failed.map(({ message, problem }) => [message, problem.status])).toEqual([
      [own.id, 403],
      [unknown, 404],
    ]);
    const seen = await client.get('message', `${path}/messages/${one.id}`, { token: alice.token });
    expect(seen.status).toBe('read');
  });
});
