import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OUTBOX_STEPS } from '@musubi/cell';
import { commitRows } from '@musubi/database';
import { type AgentPubKey, type MessageId, STRATEGY_NAMES, type StrategyName } from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { untilEqual } from '../../../test/support/until.js';

/** The function that brings the message, by the placements that call the recipient. */
const BRINGS = [
  ['source-chain', 'source-chain/receive_message'],
  ['pairwise-dht', 'pairwise-dht/integrate_records'],
] as const;

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeEach(async () => {
  node = await DeliveryNode.open();
  alice = await node.newAgent();
  bob = await node.newAgent();
});

afterEach(() => node.close());

async function statusOf(strategy: StrategyName, holder: AgentPubKey, message: MessageId): Promise<string> {
  return (await node.strategies[strategy].messages.find({ holder, message })).status;
}

// What becomes of pending steps under faults is in test/faults.
describe.each(STRATEGY_NAMES)('the outbox of %s', (strategy) => {
  it('keeps a message pending from its save until its delivery', async () => {
    const outboxKey = await node.save(strategy, [alice, bob]);
    const before = await node.outbox.find(node.keyring.keysOf(alice), outboxKey);

    await node.attempts.first(alice, outboxKey);
    await untilEqual('delivered', () => statusOf(strategy, alice, outboxKey.message));

    expect(before).toMatchObject({ holder: alice, outboxKey, attempt: 0, isFailed: false });
    await untilEqual(0, () => node.owedCount());
  });

  it('takes up what waits when its owner signs in again', async () => {
    const outboxKey = await node.save(strategy, [alice, bob]);
    node.startWorker();
    await node.goOffline(alice);
    node.clock.advance(25);

    await node.goOnline(alice);

    await untilEqual('delivered', () => statusOf(strategy, alice, outboxKey.message));
  });
});

it('completes together the steps that are named, and no others', async () => {
  const keys = node.keyring.keysOf(alice);
  const saved = [
    await node.save('source-chain', [alice, bob]),
    await node.save('source-chain', [alice, bob]),
    await node.save('pairwise-dht', [alice, bob]),
  ] as const;
  const all = saved.flatMap((outboxKey) => OUTBOX_STEPS.map((step) => ({ ...outboxKey, step, peer: bob })));
  await commitRows(
    node.context.db,
    all.flatMap((enqueued) => node.outbox.enqueue(keys, enqueued)),
  );
  const done = [all[0], all[5], all[7]].filter((outboxKey) => outboxKey !== undefined);

  await commitRows(
    node.context.db,
    done.flatMap((outboxKey) => node.outbox.complete(keys, outboxKey)),
  );

  const found = await Promise.all(all.map((outboxKey) => node.outbox.find(keys, outboxKey)));
  expect(all.filter((_, index) => found[index] === null)).toEqual(done);
});

describe.each(BRINGS)('the outbox of %s, where the recipient is called', (strategy, fn) => {
  it('stops at once when it is refused for good, and has the reason', async () => {
    const refused = { kind: 'refused', code: 'not-recipient', retryable: false } as const;
    node.faults.set([{ fault: refused, fn }]);
    const outboxKey = await node.save(strategy, [alice, bob]);

    expect(await node.attempts.first(alice, outboxKey)).toMatchObject({ kind: 'failed' });

    const work = await node.outbox.find(node.keyring.keysOf(alice), outboxKey);
    expect(work).toMatchObject({
      attempt: 1,
      isFailed: true,
      lastError: 'remote-call-refused/not-recipient',
    });
  });

  it('does not repeat a reason that is no code', async () => {
    const refused = { kind: 'refused', code: 'Dear Alice, I know you.', retryable: true } as const;
    node.faults.set([{ fault: refused, fn }]);
    const outboxKey = await node.save(strategy, [alice, bob]);

    expect(await node.attempts.first(alice, outboxKey)).toMatchObject({ kind: 'postponed' });

    const work = await node.outbox.find(node.keyring.keysOf(alice), outboxKey);
    expect(work?.lastError).toBe('remote-call-refused');
  });
});
