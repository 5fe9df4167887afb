import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { slowness } from '../../../test/support/slowness.js';
import { until } from '../../../test/support/until.js';
import { type Agent, Client, type MessageJson } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const PASSPHRASE = 'correct horse battery staple';
const SECOND_MS = 1000;

let service: TestService;
let client: Client;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
});

afterAll(() => service.close());

describe.each(STRATEGY_NAMES)('sending on %s', (strategy) => {
  const path = `/v1/strategies/${strategy}/messages`;
  let alice: Agent;
  let bob: Agent;

  const seenBy = ({ token }: Agent, id: string): Promise<MessageJson> =>
    client.get('message', `${path}/${id}`, { token });
  const textsOf = async ({ token }: Agent, text: string): Promise<number> => {
    const { items } = await client.get('messages', `${path}?limit=200`, { token });
    return items.filter(({ payload }) => payload.text === text).length;
  };

  beforeAll(async () => {
    alice = await client.newAgent('alice');
    bob = await client.newAgent('bob');
  });

  it.each([
    ['wait=5', 5],
    ['WAIT=5', 5],
    ['handling=lenient, wait=5', 5],
    ['wait=nonsense', 1],
    ['wait=999999999999', 30],
  ])('answers once the message is delivered: Prefer: %s', async (prefer, seconds) => {
    const start = performance.now();

    const { status } = await client.send(strategy, alice, bob, { headers: { prefer } });

    // A machine on which it takes longer than the caller waits has nothing to tell yet.
    const isOver = performance.now() - start >= seconds * SECOND_MS;
    expect(status).toBe(isOver && status === 'saved' ? 'saved' : 'delivered');
  });

  it('answers at once when asked to, and delivers all the same: Prefer: respond-async', async () => {
    const { id } = await client.send(strategy, alice, bob, { headers: { prefer: 'respond-async' } });

    await until(async () => {
      expect((await seenBy(alice, id)).status).toBe('delivered');
    });
  });

  it('waits no longer than asked for a recipient who is offline', async () => {
    const offline = await signedOut('offline');
    const start = performance.now();

    const { status } = await client.send(strategy, alice, offline, { headers: { prefer: 'wait=1' } });

    expect(status).toBe('saved');
    expect(performance.now() - start).toBeLessThan(5 * SECOND_MS * slowness());
  });

  it('tells what is still pending to a recipient who is offline', async () => {
    const offline = await signedOut('offline');

    const { id } = await client.send(strategy, alice, offline, { headers: { prefer: 'respond-async' } });

    const isPublished = strategy === 'global-dht';
    await until(async () => {
      expect((await seenBy(alice, id)).delivery).toEqual(
        isPublished
          ? { step: 'confirm', attempt: 0, nextAttemptAt: null, lastError: null }
          : {
              step: 'send',
              attempt: 1,
              nextAttemptAt: expect.stringMatching(/^\d{4}-.*Z$/),
              lastError: 'recipient-unreachable',
            },
      );
    });
  });

  it('is done when the recipient signs in, with the sender signed out meanwhile', async () => {
    const [from, to] = [await client.newAgent('from', PASSPHRASE), await signedOut('to')];
    const { id } = await client.send(strategy, from, to, { headers: { prefer: 'respond-async' } });
    await client.request('/v1/sessions/current', { token: from.token, method: 'DELETE' });

    const recipient = await signIn(to);
    const sender = await signIn(from);

    await until(async () => {
      expect((await seenBy(sender, id)).status).toBe('delivered');
    });
    expect((await seenBy(recipient, id)).payload.text).toBe('hello');
  });

  it('answers a repeated Idempotency-Key with the same message', async () => {
    const extra = { text: 'once', headers: { 'idempotency-key': `repeat-${strategy}` } };
    const first = await client.deliver(strategy, alice, bob, extra);

    expect(await client.send(strategy, alice, bob, extra)).toEqual(first);
  });

  it('writes nothing for a repeated Idempotency-Key', async () => {
    const extra = { text: 'just once', headers: { 'idempotency-key': `again-${strategy}` } };
    await client.deliver(strategy, alice, bob, extra);
    const before = await service.rows();

    await client.send(strategy, alice, bob, extra);

    expect([await service.rows(), await textsOf(bob, 'just once')]).toEqual([before, 1]);
  });

  it('keeps one agent’s Idempotency-Key apart from another’s', async () => {
    const extra = { text: 'mine', headers: { 'idempotency-key': `shared-${strategy}` } };

    const [one, other] = [
      await client.send(strategy, alice, bob, extra),
      await client.send(strategy, bob, alice, extra),
    ];

    expect(one.id).not.toBe(other.id);
  });

  it('makes two messages of two requests without Idempotency-Key', async () => {
    await Promise.all([1, 2].map(() => client.send(strategy, alice, bob, { text: 'twice' })));

    await until(async () => {
      expect(await textsOf(bob, 'twice')).toBe(2);
    });
  });

  it.each([
    ['an emoji of several code points', '👩‍👩‍👧‍👦'],
    ['combining marks, unnormalised', 'e\u0301 vs \u00e9'],
    ['right-to-left overrides', '\u202eabc'],
    ['a null character', 'a\u0000b'],
    ['line ends of every kind', 'a\r\nb\u2028c'],
    ['HTML', '<script>alert(1)</script>&amp;'],
  ])('brings the recipient exactly what was sent: %s', async (_, text) => {
    const { id } = await client.send(strategy, alice, bob, { text });

    await until(async () => {
      expect((await seenBy(bob, id)).payload.text).toBe(text);
    });
  });

  it('lets eight agents write to one at the same moment', async () => {
    const senders = await Promise.all(Array.from({ length: 8 }, () => client.newAgent('sender')));

    await Promise.all(senders.map((sender) => client.send(strategy, sender, bob, { text: 'rush' })));

    await until(async () => {
      expect(await textsOf(bob, 'rush')).toBe(8);
    });
  });

  it('makes a message to oneself read at once', async () => {
    expect((await client.send(strategy, alice, alice, { text: 'note' })).status).toBe('read');
  });

  async function signedOut(nickname: string): Promise<Agent> {
    const agent = await client.newAgent(nickname, PASSPHRASE);
    await client.request('/v1/sessions/current', { token: agent.token, method: 'DELETE' });
    return agent;
  }

  async function signIn({ agent }: Agent): Promise<Agent> {
    const body = { agent, passphrase: PASSPHRASE };
    return { agent, ...(await client.get('token', '/v1/sessions', { body })) };
  }
});
