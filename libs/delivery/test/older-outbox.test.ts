import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OutboxKey } from '@musubi/cell';
import { writeAtOnce } from '@musubi/database';
import { deliveryDatabase } from '@musubi/delivery';
import { type AgentPubKey, STRATEGY_NAMES } from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
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

/** Takes the migration back that tells pending receipts apart, or makes it again. */
async function migrate(way: 'up' | 'down'): Promise<void> {
  const name = 'OweReceiptsApart1764000200000';
  const Migration = deliveryDatabase.migrations.find((migration) => migration.name === name);
  if (Migration === undefined) throw new Error('there is no such migration');
  const runner = node.database.dataSource.createQueryRunner();
  await new Migration()[way](runner);
  await runner.release();
}

async function statusOf({ strategy, message }: OutboxKey, holder: AgentPubKey): Promise<string> {
  return (await node.strategies[strategy].messages.find({ holder, message })).status;
}

async function stepsOwed(): Promise<readonly string[]> {
  const rows = await node.database.dataSource.query<{ step: string }[]>('select step from outbox');
  return rows.map(({ step }) => step);
}

describe.each(STRATEGY_NAMES)('a reading on %s that is pending in an outbox from before', (strategy) => {
  it('reaches its author', async () => {
    const outboxKey = await node.save(strategy, [alice, bob]);
    await node.attempts.first(alice, outboxKey);
    await untilEqual('delivered', () => statusOf(outboxKey, alice));
    await node.strategies[strategy].read({ holder: bob, message: outboxKey.message });
    const unsent = node.outbox.enqueue(node.keyring.keysOf(bob), {
      ...outboxKey,
      step: 'delivered',
      peer: alice,
    });
    await writeAtOnce(node.database.dataSource, unsent);

    await migrate('down');
    expect(await stepsOwed()).toEqual(['receipt']);
    await migrate('up');
    node.startWorker();
    node.clock.advance(25);

    await untilEqual('read', () => statusOf(outboxKey, alice));
    await untilEqual(0, () => node.owedCount());
  });
});
