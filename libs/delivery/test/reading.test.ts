import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { type OutboxKey } from '@musubi/cell';
import { writeAtOnce } from '@musubi/database';
import { type AgentPubKey, STRATEGY_NAMES } from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { waitingSessions } from '../../../test/faults/stored.js';
import { untilEqual } from '../../../test/support/until.js';

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeEach(async () => {
  node = await DeliveryNode.open();
  alice = await node.newAgent();
  bob = await node.newAgent();
});

afterEach(() => node.close());

async function statusOf({ strategy, message }: OutboxKey, holder: AgentPubKey): Promise<string> {
  return (await node.strategies[strategy].messages.find({ holder, message })).status;
}

describe.each(STRATEGY_NAMES)('a reading on %s that was committed and not yet told', (strategy) => {
  it('reaches its author, though its reader signs in again and looks at everything anew first', async () => {
    const outboxKey = await node.save(strategy, [alice, bob]);
    await node.attempts.first(alice, outboxKey);
    await untilEqual('delivered', () => statusOf(outboxKey, alice));
    await node.strategies[strategy].read({ holder: bob, message: outboxKey.message });

    await node.goOffline(bob);
    await node.goOnline(bob);
    await node.whenIdle();
    node.startWorker();
    node.clock.advance(25);

    await untilEqual('read', () => statusOf(outboxKey, alice));
  });
});

describe('a reading on global-dht of what its author could not be told is delivered', () => {
  it('is pending by itself, and reaches its author', async () => {
    const outboxKey = await node.save('global-dht', [alice, bob]);
    await node.attempts.first(alice, outboxKey);
    await untilEqual('delivered', () => statusOf(outboxKey, alice));
    await giveUp({ ...outboxKey, step: 'delivered' });
    await node.strategies['global-dht'].read({ holder: bob, message: outboxKey.message });

    node.startWorker();
    node.clock.advance(25);

    await untilEqual('read', () => statusOf(outboxKey, alice));
  });
});

/** Bob's outbox as it is after attempts in vain at a step that concerns Alice. */
async function giveUp(outboxKey: OutboxKey): Promise<void> {
  const keys = node.keyring.keysOf(bob);
  await writeAtOnce(node.database.dataSource, node.outbox.enqueue(keys, { ...outboxKey, peer: alice }));
  const work = await node.outbox.find(keys, outboxKey);
  if (work === null) throw new Error('nothing is pending');
  await node.outbox.fail(work, 'internal');
}

/** From the moment on which the next message is accepted, nothing can be published. @returns what ends that */
function holdPublications(): () => Promise<void> {
  const runner = node.database.dataSource.createQueryRunner();
  node.commits.atCommit = async ({ step }) => {
    if (step !== 'accept') return;
    await runner.startTransaction();
    await runner.query('lock table dht_entry in share mode');
  };
  return async () => {
    await runner.commitTransaction();
    await runner.release();
  };
}

describe('a reading on global-dht that is committed while word of the delivery is being published', () => {
  it('reaches its author, though nobody tries at once to tell of it', async () => {
    const publish = holdPublications();
    const outboxKey = await node.save('global-dht', [alice, bob]);
    await node.attempts.first(alice, outboxKey);
    await untilEqual(1, () => waitingSessions(node));
    await node.strategies['global-dht'].read({ holder: bob, message: outboxKey.message });

    await publish();
    await untilEqual('delivered', () => statusOf(outboxKey, alice));
    node.startWorker();
    node.clock.advance(25);

    await untilEqual('read', () => statusOf(outboxKey, alice));
  });
});
