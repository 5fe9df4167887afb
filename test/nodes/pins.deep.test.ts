import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent } from '../../apps/api/test/support/client.js';
import { untilEqual } from '../support/until.js';
import { LinkedNode } from './support/linked-node.js';

const PLACEMENTS = ['source-chain', 'pairwise-dht'] as const;

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

describe.each(PLACEMENTS)('pins between nodes, on %s', (strategy) => {
  const pathOf = (id: string): string => `/v1/strategies/${strategy}/messages/${id}`;

  async function isPinned({ client }: LinkedNode, { token }: Agent, id: string): Promise<boolean> {
    return (await client.get('message', pathOf(id), { token })).pinned;
  }

  it('show to both, whichever of them pins and unpins', async () => {
    const { id } = await here.client.deliver(strategy, alice, bob);
    const pin = { status: 200, method: 'PUT', token: alice.token };
    const unpin = { status: 200, method: 'DELETE', token: bob.token };

    expect(await here.client.get('message', `${pathOf(id)}/pin`, pin)).toMatchObject({ pinned: true });
    await untilEqual(true, () => isPinned(there, bob, id));
    expect(await there.client.get('message', `${pathOf(id)}/pin`, unpin)).toMatchObject({ pinned: false });
    await untilEqual(false, () => isPinned(here, alice, id));
  });
});
