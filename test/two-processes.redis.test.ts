import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { z } from 'zod';
import { type Agent, type Client, type MessageJson } from '../apps/api/test/support/client.js';
import { type SignalStream, openSignalStream } from './support/signal-stream.js';
import { type TestRedis, openTestRedis, watchRedis } from './support/test-redis.js';
import { PATIENTLY, TwoProcesses } from './support/two-processes.js';
import { until } from './support/until.js';

const PASSPHRASE = 'correct horse battery staple';
/** Longer than a signal takes through Redis. */
const TELLING_MS = 500;
const BY_CALL = ['source-chain', 'pairwise-dht'] as const;

const readinessSchema = z.object({ status: z.literal('ok'), redis: z.string() });

// Each test starts two processes, which takes seconds on a busy machine.

let redis: TestRedis;
let node: TwoProcesses;
let first: Client;
let second: Client;

beforeAll(async () => {
  redis = await openTestRedis();
});

afterAll(() => redis.close());

beforeEach(async () => {
  node = await TwoProcesses.open(6, { REDIS_URL: redis.url });
  [first, second] = node.clients;
  await untilRedisIs('connected');
});

afterEach(() => node.close());

/** Both processes are ready, whatever Redis is to them. */
async function untilRedisIs(state: string, { clients } = node): Promise<void> {
  for (const client of clients) {
    await until(async () => {
      const response = await client.request('/health/ready');
      expect(response.status).toBe(200);
      expect(readinessSchema.parse(await response.json()).redis).toBe(state);
    });
  }
}

function agent(index: number): Agent {
  const found = node.agents[index];
  if (found === undefined) throw new Error('no such agent');
  return found;
}

/** Sends through the first process until the stream tells of it: a subscription takes a moment to reach Redis. */
function untilTold(stream: SignalStream, author: Agent, recipient: Agent): Promise<void> {
  return until(async () => {
    const { id } = await first.send('source-chain', author, recipient);
    await until(() => {
      expect(stream.text()).toContain(id);
      return Promise.resolve();
    }, TELLING_MS);
  });
}

function statusAt(client: Client, strategy: string, { id }: MessageJson, { token }: Agent): Promise<string> {
  const path = `/v1/strategies/${strategy}/messages/${id}`;
  return client.get('message', path, { token }).then(({ status }) => status);
}

function untilDelivered(client: Client, strategy: string, sent: MessageJson, author: Agent): Promise<void> {
  return until(async () => {
    expect(await statusAt(client, strategy, sent, author)).toBe('delivered');
  });
}

describe('two processes with a Redis between them', () => {
  it('tell the streams of both what happened in one', async () => {
    const stream = await openSignalStream(second, agent(1));

    await untilTold(stream, agent(0), agent(1));

    expect(stream.text()).toContain('event: message');
    await stream.close();
  });

  it('deliver 200 messages at once, also to agents that only one of them has met', async () => {
    const recipients = [await first.newAgent('met in the first'), await second.newAgent('in the second')];

    const sent = await node.sendAtOnce(200, node.agents, recipients);

    await until(() => node.expectAllOnce(sent));
    await node.expectNoneTwice();
  });

  it('carry a message to an agent who is signed in at the other alone, and its receipt back', async () => {
    const alice = await first.newAgent('alice', PASSPHRASE);
    const bob = await second.newAgent('bob', PASSPHRASE);

    for (const strategy of STRATEGY_NAMES) {
      const sent = await first.send(strategy, alice, bob);
      await untilDelivered(first, strategy, sent, alice);
      expect(await statusAt(second, strategy, sent, bob)).toBe('delivered');
    }
  });

  it('show in the directory of both who is signed in at one, until it signs out', async () => {
    const bob = await second.newAgent('bob', PASSPHRASE);
    const untilShown = (online: boolean, client: Client): Promise<void> =>
      until(async () => {
        const { items } = await client.get('directory', '/v1/agents?search=bob', { token: agent(0).token });
        expect(items).toMatchObject([{ agent: bob.agent, online }]);
      });

    for (const client of [first, second]) await untilShown(true, client);
    await second.request('/v1/sessions/current', { token: bob.token, method: 'DELETE' });
    await untilShown(false, first);
  });

  it('let Redis see no text, no message, and no agent', async () => {
    const alice = await first.newAgent('alice', PASSPHRASE);
    const bob = await second.newAgent('bob', PASSPHRASE);
    const watched = await watchRedis(redis);

    const sent = [];
    for (const strategy of STRATEGY_NAMES) {
      const message = await first.send(strategy, alice, bob, { text: 'a text that nobody else may read' });
      await untilDelivered(first, strategy, message, alice);
      sent.push(message);
    }

    const seen = watched.seen().toLowerCase();
    const secrets = [...sent.map(({ id }) => id), alice.agent, bob.agent, 'nobody else', 'receive_message'];
    expect(secrets.filter((secret) => seen.includes(secret.toLowerCase()))).toEqual([]);
    expect(seen).toContain('"publish" "musubi:');
    watched.close();
  });

  it('keep pending what they cannot send while Redis is lost, and send it once that is back', async () => {
    const alice = await first.newAgent('alice', PASSPHRASE);
    const bob = await second.newAgent('bob', PASSPHRASE);
    await redis.lose();
    await untilRedisIs('away');

    const outboxKey = [];
    for (const strategy of BY_CALL)
      outboxKey.push([strategy, await first.send(strategy, alice, bob, PATIENTLY)] as const);
    await redis.restore();

    expect(outboxKey.map(([, { status, delivery }]) => [status, delivery?.lastError])).toEqual(
      BY_CALL.map(() => ['saved', 'recipient-unreachable']),
    );
    for (const [strategy, sent] of outboxKey) await untilDelivered(first, strategy, sent, alice);
  });
});

describe('two processes that lose their Redis', () => {
  it('go on delivering, and tell of it where they can; what a stream missed it tells later', async () => {
    const [near, far] = [await openSignalStream(first, agent(1)), await openSignalStream(second, agent(1))];
    await untilTold(far, agent(0), agent(1));
    const sending = node.sendAtOnce(60, node.agents.slice(2, 4), node.agents.slice(4));
    await redis.lose();
    const sent = await sending;
    await untilRedisIs('away');
    const missed = await first.send('source-chain', agent(0), agent(1));

    await until(() => node.expectAllOnce(sent));
    await untilTold(near, agent(0), agent(1));
    expect(await statusAt(second, 'source-chain', missed, agent(1))).toBe('delivered');

    await redis.restore();
    await untilRedisIs('connected');
    await untilTold(far, agent(0), agent(1));
    expect([near, far].map((stream) => stream.text().includes(missed.id))).toEqual([true, true]);
    await Promise.all([near.close(), far.close()]);
    expect(await node.close()).toEqual([0, 0]);
  });

  it('start without it, and find it later', async () => {
    await redis.lose();
    const late = await TwoProcesses.open(2, { REDIS_URL: redis.url });
    const [author, recipient] = late.agents;
    if (author === undefined || recipient === undefined) throw new Error('too few agents');

    const { status } = await late.clients[1].deliver('source-chain', author, recipient);
    await redis.restore();

    expect(status).toBe('delivered');
    await untilRedisIs('connected', late);
    expect(await late.close()).toEqual([0, 0]);
  });
});
