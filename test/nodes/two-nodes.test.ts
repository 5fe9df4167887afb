import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, type MessageJson } from '../../apps/api/test/support/client.js';
import { until, untilEqual } from '../support/until.js';
import { run } from '../tutorial/walk.js';
import { forged, unreachable } from './support/cards.js';
import { LinkedNode } from './support/linked-node.js';

const ROOT = join(import.meta.dirname, '..', '..');
const PATIENTLY = { headers: { prefer: 'wait=30' } } as const;
const PASSPHRASE = 'correct horse battery staple';
const STRANGER = `${'A'.repeat(42)}E`;

let here: LinkedNode;
let there: LinkedNode;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  [here, there] = await Promise.all([LinkedNode.start(), LinkedNode.start()]);
  alice = await here.client.newAgent('alice');
  bob = await there.client.newAgent('bob');
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
});

const messageOf = (node: LinkedNode, { token }: Agent, { strategy, id }: MessageJson): Promise<MessageJson> =>
  node.client.get('message', `/v1/strategies/${strategy}/messages/${id}`, { token });

const statusOf = async (node: LinkedNode, agent: Agent, message: MessageJson): Promise<string> =>
  (await messageOf(node, agent, message)).status;

async function read(node: LinkedNode, { token }: Agent, { strategy, id }: MessageJson): Promise<void> {
  const body = { status: 'read', messages: [id] };
  await node.client.get('receipts', `/v1/strategies/${strategy}/receipts`, { token, body });
}

async function problemOf(node: LinkedNode, from: Agent, to: string, strategy: string): Promise<unknown> {
  const body = { to, payload: { type: 'text', text: 'hello' } };
  const path = `/v1/strategies/${strategy}/messages`;
  const { type, status } = await node.client.get('problem', path, { token: from.token, body, status: 422 });
  return [status, type];
}

describe('before any card was taken', () => {
  it('refuses a message to an agent of the other node, and keeps nothing', async () => {
    expect(await problemOf(here, alice, bob.agent, 'source-chain')).toEqual([
      422,
      'urn:musubi:problem:unknown-recipient',
    ]);
    const { items } = await here.client.get('messages', '/v1/strategies/source-chain/messages', alice);
    expect(items).toEqual([]);
  });

  it('shows where the node is, and that it has no peer', async () => {
    const { key, addresses, peers } = await here.about(alice);

    expect(key).toMatch(/^[\w-]{43}$/);
    expect(addresses).toEqual([expect.stringMatching(/^tcp:\/\/127\.0\.0\.1:\d+$/)]);
    expect(peers.linked).toBe(0);
  });
});

describe('a card', () => {
  it('is refused when it is damaged, forged, put together, or of another agent', async () => {
    const [card, own] = [await there.cardOf(bob), await here.cardOf(alice)];
    const cut = card.slice(0, -7);

    expect(await here.take(alice, bob.agent, 'tcp://127.0.0.1:1')).toEqual([422, 'card-refused']);
    expect(await here.take(alice, bob.agent, cut)).toEqual([422, 'card-refused']);
    expect(await here.take(alice, bob.agent, own)).toEqual([409, 'card-conflict']);
    expect(await here.take(alice, STRANGER, card)).toEqual([409, 'card-conflict']);
    const found = await here.client.request(`/v1/contacts/${bob.agent}`, { token: alice.token });
    expect(found.status).toBe(404);
  });

  it('is refused when its agent or its node has not signed it', async () => {
    const card = await there.cardOf(bob);

    expect(await here.take(alice, bob.agent, forged(card, 'agent'))).toEqual([422, 'card-refused']);
    expect(await here.take(alice, bob.agent, forged(card, 'node'))).toEqual([422, 'card-refused']);
    expect((await here.client.request(`/v1/contacts/${bob.agent}`, { token: alice.token })).status).toBe(404);
  });

  it('of an agent whose node has no address is taken, and what is sent waits', async () => {
    const { agent, card } = unreachable(Date.now() * 1000);

    expect(await here.take(alice, agent, card)).toEqual([200, '']);
    const sent = await here.client.send('source-chain', alice, { agent, token: '' }, PATIENTLY);
    expect(sent).toMatchObject({ status: 'saved', delivery: { lastError: 'recipient-unreachable' } });
    await here.client.request(`/v1/strategies/source-chain/messages/${sent.id}`, {
      token: alice.token,
      method: 'DELETE',
    });
  });

  it('is there as text and as an image', async () => {
    const path = `/v1/agents/${bob.agent}/card`;
    const typed = async (accept: string): Promise<readonly [string | null, string]> => {
      const answer = await there.client.request(path, { token: bob.token, headers: { accept } });
      return [answer.headers.get('content-type'), Buffer.from(await answer.arrayBuffer()).toString('latin1')];
    };

    expect(await typed('*/*')).toEqual([
      'text/plain; charset=utf-8',
      expect.stringMatching(/^musubi:card\/[\w-]+\n$/),
    ]);
    expect(await typed('image/svg+xml')).toEqual(['image/svg+xml', expect.stringMatching(/<svg /)]);
    expect(await typed('text/plain;q=0.1, image/png')).toEqual(['image/png', expect.stringContaining('PNG')]);
  });

  it('needs a token, and an agent of this node', async () => {
    const path = `/v1/agents/${bob.agent}/card`;

    expect((await there.client.request(path)).status).toBe(401);
    expect((await here.client.request(path, { token: alice.token })).status).toBe(404);
  });

  it('can be taken twice, and forgotten', async () => {
    const card = await there.cardOf(bob);
    const path = `/v1/contacts/${bob.agent}`;
    const { token } = alice;

    expect(await here.take(alice, bob.agent, card)).toEqual([200, '']);
    expect(await here.take(alice, bob.agent, ` ${card}\n`)).toEqual([200, '']);
    const { addresses } = await there.about(bob);
    expect(await (await here.client.request(path, { token })).json()).toMatchObject({
      agent: bob.agent,
      addresses,
    });
    expect(await (await here.client.request('/v1/contacts', { token })).json()).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ agent: bob.agent })]) as unknown,
    });
    expect((await here.client.request(path, { token, method: 'DELETE' })).status).toBe(204);
    expect((await here.client.request(path, { token, method: 'DELETE' })).status).toBe(404);
    expect(await problemOf(here, alice, bob.agent, 'source-chain')).toEqual([
      422,
      'urn:musubi:problem:unknown-recipient',
    ]);
  });
});

describe.each(['source-chain', 'pairwise-dht'])('two agents of two nodes on %s', (strategy) => {
  beforeAll(async () => {
    await here.take(alice, bob.agent, await there.cardOf(bob));
    await there.take(bob, alice.agent, await here.cardOf(alice));
  });

  it('exchange a message each way, with their receipts', async () => {
    const sent = await here.client.deliver(strategy, alice, bob);
    const back = await there.client.deliver(strategy, bob, alice);

    expect([sent.status, back.status]).toEqual(['delivered', 'delivered']);
    await read(there, bob, sent);
    await read(here, alice, back);
    await untilEqual('read', () => statusOf(here, alice, sent));
    await untilEqual('read', () => statusOf(there, bob, back));
  });

  it('go on when the other node was killed', async () => {
    const [address = ''] = (await there.about(bob)).addresses;
    await there.end('SIGKILL');
    const sent = await here.client.send(strategy, alice, bob, { text: 'are you there' });
    expect(sent).toMatchObject({ status: 'saved' });

    // Where it listened before, and somewhere else.
    const isSamePlace = strategy === 'source-chain';
    await there.startAgain(isSamePlace ? address.replace('tcp://', '') : '127.0.0.1:0');

    await untilEqual('delivered', () => statusOf(here, alice, sent));
    const back = await there.client.deliver(strategy, bob, alice);
    expect(back.status).toBe('delivered');
  });

  it('need one card only: who was written to can answer', async () => {
    const [carol, dave] = [await there.client.newAgent('carol'), await here.client.newAgent('dave')];
    await here.take(dave, carol.agent, await there.cardOf(carol));

    const first = await here.client.deliver(strategy, dave, carol);
    const answer = await there.client.deliver(strategy, carol, dave);
    await read(there, carol, first);

    expect([first.status, answer.status]).toEqual(['delivered', 'delivered']);
    await untilEqual('read', () => statusOf(here, dave, first));
    const known = await there.client.request(`/v1/contacts/${dave.agent}`, { token: carol.token });
    expect(known.status).toBe(404);
    const erin = await there.client.newAgent('erin');
    expect(await problemOf(there, erin, dave.agent, strategy)).toEqual([
      422,
      'urn:musubi:problem:unknown-recipient',
    ]);
  });

  it('hold each message once', async () => {
    for (const [node, agent] of [
      [here, alice],
      [there, bob],
    ] as const) {
      const path = `/v1/strategies/${strategy}/messages?limit=200`;
      const { items } = await node.client.get('messages', path, { token: agent.token });
      expect(items.map(({ payload }) => payload.text)).toEqual(['hello', 'are you there', 'hello', 'hello']);
    }
  });
});

it('delivers when the recipient signs in on a node that was linked all the time, before the next attempt', async () => {
  const [dave, carol] = [
    await here.client.newAgent('dave'),
    await there.client.newAgent('carol', PASSPHRASE),
  ];
  await here.take(dave, carol.agent, await there.cardOf(carol));
  await there.client.request('/v1/sessions/current', { token: carol.token, method: 'DELETE' });
  const sent = await here.client.send('pairwise-dht', dave, carol);
  /** When the next attempt was due after each: some sign-ins take longer than a wait. */
  const due = new Map<number, number>();
  const look = async (): Promise<MessageJson> => {
    const message = await messageOf(here, dave, sent);
    const { attempt = 0, nextAttemptAt } = message.delivery ?? {};
    if (nextAttemptAt && !due.has(attempt)) due.set(attempt, Date.parse(nextAttemptAt));
    return message;
  };
  // The next wait is 16 s.
  await until(async () => {
    expect((await look()).delivery?.attempt).toBeGreaterThanOrEqual(4);
  });

  const body = { agent: carol.agent, passphrase: PASSPHRASE };
  const signingIn = there.client.get('token', '/v1/sessions', { body });

  await untilEqual('delivered', async () => (await look()).status);
  await signingIn;
  const { receipts } = await look();
  expect(Date.parse(receipts.at(-1)?.at ?? '')).toBeLessThan(Math.max(...due.values()));
});

it('does not reach another node on global-dht, says so, and keeps nothing', async () => {
  expect(await problemOf(here, alice, bob.agent, 'global-dht')).toEqual([
    422,
    'urn:musubi:problem:recipient-elsewhere',
  ]);
  const { items } = await here.client.get('messages', '/v1/strategies/global-dht/messages', alice);
  expect(items).toEqual([]);
});

it('prints what the README shows', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [, shown] = /## Two nodes\n[^]*?```text\n([^]*?)```/.exec(readme) ?? [];
  const environment = `export ONE=${here.url}/v1 TWO=${there.url}/v1\n`;

  const [walked] = await run([{ text: '', commands: `${environment}docs/walk-two-nodes.sh` }], '');

  expect(walked?.printed).toBe(shown);
});

it('has a peer', async () => {
  await until(async () => {
    expect((await here.about(alice)).peers.linked).toBe(1);
  });
});

it('stops cleanly with links', async () => {
  expect(await there.end('SIGTERM')).toBe(0);
  expect(await here.end('SIGTERM')).toBe(0);
});
