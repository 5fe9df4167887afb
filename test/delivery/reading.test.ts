import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { type AgentPubKey, STRATEGY_NAMES } from '@musubi/messaging';
import { tryFirst } from '../support/attempts.js';
import { PostalNode } from '../support/postal-node.js';
import { untilEqual } from '../support/until.js';

let node: PostalNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeEach(async () => {
  node = await PostalNode.open();
  alice = await node.newAgent();
  bob = await node.newAgent();
});

afterEach(() => node.close());

describe.each(STRATEGY_NAMES)('a reading on %s that was committed and not yet told', (strategy) => {
  it('reaches its author, though its reader signs in again and looks at everything anew first', async () => {
    const owed = await node.save(strategy, [alice, bob]);
    await tryFirst(node, alice, owed);
    const statusOf = async (agent: AgentPubKey): Promise<string> =>
      (await node.strategies[strategy].messages.find({ holder: agent, message: owed.message })).status;
    await untilEqual('delivered', () => statusOf(alice));
    await node.strategies[strategy].read({ holder: bob, message: owed.message });

    await node.goOffline(bob);
    await node.goOnline(bob);
    await node.settle();
    node.startWorker();
    node.clock.advance(25);

    await untilEqual('read', () => statusOf(alice));
  });
});
