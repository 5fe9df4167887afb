import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent } from '../../apps/api/test/support/client.js';
import { openSignals } from '../../apps/api/test/support/signals.js';
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

const tell = (strategy: string): Promise<Response> =>
  here.client.request(`/v1/strategies/${strategy}/typing`, {
    method: 'POST',
    token: alice.token,
    body: { to: bob.agent, typing: true },
  });

describe.each(PLACEMENTS)('typing between nodes, on %s', (strategy) => {
  it('is shown to a peer', async () => {
    const stream = await openSignals(there.url, bob);
    await here.client.deliver(strategy, alice, bob);
    // The stream listens.
    await stream.next('message');

    expect((await tell(strategy)).status).toBe(204);

    const word = { strategy, from: alice.agent, typing: true, seconds: 6 };
    expect(await stream.next('typing')).toEqual(word);
    await stream.close();
  });
});
