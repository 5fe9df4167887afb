import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { untilEqual } from '../../../test/support/until.js';

const FOUR_DAYS_S = 4 * 86_400;

let node: DeliveryNode;

beforeEach(async () => {
  node = await DeliveryNode.open();
});

afterEach(() => node.close());

describe.each(STRATEGY_NAMES)('an agent that has hardly come when it leaves for days', (strategy) => {
  it(`gets what was sent to it on the first day, on ${strategy}`, async () => {
    const alice = await node.newAgent();
    const bob = await node.newAgent();
    await node.goOffline(bob);
    const outboxKey = await node.save(strategy, [alice, bob]);
    await node.attempts.first(alice, outboxKey);

    node.clock.advance(FOUR_DAYS_S);
    await node.goOnline(bob);
    node.startWorker();

    const message = { holder: alice, message: outboxKey.message };
    await untilEqual(
      'delivered',
      async () => (await node.strategies[strategy].messages.find(message)).status,
    );
  });
});

describe('an agent that comes back to letters which its store cannot take just then', () => {
  it('gets them the next time', async () => {
    const alice = await node.newAgent();
    const bob = await node.newAgent();
    await node.whenIdle();
    await node.goOffline(bob);
    const outboxKey = await node.save('global-dht', [alice, bob]);
    await node.attempts.first(alice, outboxKey);
    node.clock.advance(FOUR_DAYS_S);
    node.commitFaults.set([{ fault: { kind: 'commit-fails' }, step: 'accept', agent: bob }]);
    await node.goOnline(bob);
    await node.whenIdle();
    node.commitFaults.set([]);

    await node.goOffline(bob);
    await node.goOnline(bob);

    const message = { holder: alice, message: outboxKey.message };
    await untilEqual(
      'delivered',
      async () => (await node.strategies['global-dht'].messages.find(message)).status,
    );
  });
});
