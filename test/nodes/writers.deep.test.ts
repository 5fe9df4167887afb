import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, type MessageJson } from '../../apps/api/test/support/client.js';
import { untilEqual } from '../support/until.js';
import { LinkedNode } from './support/linked-node.js';
import { exportOf, importTo } from './support/moving.js';

const REASON = 'remote-call-refused/recipient-refuses';
const PLACEMENTS = ['source-chain', 'pairwise-dht'] as const;
const PATIENTLY = { headers: { prefer: 'wait=30' } } as const;
const AT_ONCE = { headers: { prefer: 'respond-async' } } as const;
const LOAD = 40;

let here: LinkedNode;
let there: LinkedNode;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  [here, there] = await Promise.all([LinkedNode.start(), LinkedNode.start()]);
  alice = await here.client.newAgent('alice');
  bob = await there.client.newAgent('bob');
  await here.take(alice, bob.agent, await there.cardOf(bob));
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
});

const ask = (node: LinkedNode, method: string, path: string, { token }: Agent, body?: object) =>
  node.client.request(path, { method, token, ...(body === undefined ? {} : { body }) });

const blocks = (path = `/v1/blocks/${alice.agent}`) => ({
  put: () => ask(there, 'PUT', path, bob),
  remove: () => ask(there, 'DELETE', path, bob),
});

const setting = (whoMayWrite: string): Promise<Response> =>
  ask(there, 'PUT', '/v1/settings', bob, { whoMayWrite });

async function listed(node: LinkedNode, agent: Agent, strategy: string): Promise<readonly MessageJson[]> {
  const path = `/v1/strategies/${strategy}/messages?limit=200`;
  return (await node.client.get('messages', path, { token: agent.token })).items;
}

describe.each(PLACEMENTS)('between nodes, on %s', (strategy) => {
  it('refuses a blocked agent, and one that is no contact, in the same words', async () => {
    await blocks().put();
    const blocked = await here.client.send(strategy, alice, bob, PATIENTLY);
    await blocks().remove();
    await setting('contacts');
    const stranger = await here.client.send(strategy, alice, bob, PATIENTLY);
    await setting('everybody');

    for (const { status, delivery } of [blocked, stranger])
      expect([status, delivery?.attempt, delivery?.lastError]).toEqual(['failed', 1, REASON]);
    expect(await listed(there, bob, strategy)).toEqual([]);
  });

  it('delivers or refuses each message that a block meets, and all once when it is gone', async () => {
    await here.client.send(strategy, alice, bob, PATIENTLY);
    const sending = Array.from({ length: LOAD }, () => here.client.send(strategy, alice, bob, AT_ONCE));
    // In the middle of them, wherever that is.
    await sending[LOAD / 2];
    expect((await blocks().put()).status).toBe(200);
    const atBlock = (await listed(there, bob, strategy)).length;
    await Promise.all(sending);
    const statuses = async (): Promise<readonly string[]> =>
      (await listed(here, alice, strategy)).map(({ status }) => status);
    await untilEqual(0, async () => (await statuses()).filter((status) => status === 'saved').length);

    const held = await listed(there, bob, strategy);
    const delivered = (await listed(here, alice, strategy)).filter(({ status }) => status === 'delivered');
    expect(held).toHaveLength(atBlock);
    expect(held.map(({ id }) => id).sort()).toEqual(delivered.map(({ id }) => id).sort());
    for (const { receipts } of [...held, ...delivered])
      expect(receipts.map(({ status }) => status)).toEqual(['saved', 'delivered']);

    await blocks().remove();
    const refused = (await listed(here, alice, strategy)).filter(({ status }) => status === 'failed');
    for (const { id } of refused)
      await ask(here, 'POST', `/v1/strategies/${strategy}/messages/${id}/retry`, alice);
    const all = (await listed(here, alice, strategy)).length;
    await untilEqual(all, async () => (await listed(there, bob, strategy)).length);
    await untilEqual(all, async () => (await statuses()).filter((status) => status === 'delivered').length);
  });
});

describe('an agent that moves', () => {
  it('takes its settings, contacts and blocks along', async () => {
    const carol = await there.client.newAgent('carol');
    const next = await here.client.newAgent('dave');
    for (const body of [{}, { readReceipts: true }])
      await ask(there, 'PUT', `/v1/contacts/${bob.agent}`, carol, body);
    await ask(there, 'PUT', `/v1/blocks/${alice.agent}`, carol);
    await ask(there, 'PUT', '/v1/settings', carol, { whoMayWrite: 'contacts', readReceipts: false });
    const file = await exportOf(there, carol);
    const imported = await importTo(here, carol, file.body);
    const moved = { agent: carol.agent, token: ((await imported.json()) as Agent).token };

    const found = async (path: string): Promise<unknown> => (await ask(here, 'GET', path, moved)).json();
    expect(imported.status).toBe(201);
    expect(await found('/v1/settings')).toEqual({ whoMayWrite: 'contacts', readReceipts: false });
    expect(await found('/v1/blocks')).toMatchObject({ items: [{ agent: alice.agent }] });
    expect(await found('/v1/contacts')).toMatchObject({ items: [{ agent: bob.agent, readReceipts: true }] });
    for (const author of [alice, next]) {
      const sent = await here.client.send('source-chain', author, moved, PATIENTLY);
      expect([sent.status, sent.delivery?.lastError]).toEqual(['failed', REASON]);
    }
    expect((await there.client.send('source-chain', bob, moved, PATIENTLY)).status).toBe('delivered');
    expect((await ask(here, 'PUT', '/v1/settings', moved, { whoMayWrite: 'everybody' })).status).toBe(200);
    expect((await here.client.send('source-chain', next, moved, PATIENTLY)).status).toBe('delivered');
    const again = await ask(there, 'PUT', `/v1/blocks/${next.agent}`, carol);
    expect(again.status).toBe(410);
  });
});
