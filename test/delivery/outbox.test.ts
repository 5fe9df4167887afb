import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentPubKey, type MessageId, STRATEGY_NAMES, type StrategyName } from '@musubi/messaging';
import { tryFirst } from '../support/attempts.js';
import { PostalNode } from '../support/postal-node.js';
import { untilEqual } from '../support/until.js';

/** The function that brings the message, by the placements that call the recipient. */
const BRINGS = [
  ['source-chain', 'source-chain/receive_message'],
  ['pairwise-dht', 'pairwise-dht/integrate_records'],
] as const;

let node: PostalNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeEach(async () => {
  node = await PostalNode.open();
  alice = await node.newAgent();
  bob = await node.newAgent();
});

afterEach(() => node.close());

async function statusOf(strategy: StrategyName, holder: AgentPubKey, message: MessageId): Promise<string> {
  return (await node.strategies[strategy].messages.find({ holder, message })).status;
}

// What becomes of owed steps under faults is in test/faults.
describe.each(STRATEGY_NAMES)('the outbox of %s', (strategy) => {
  it('owes a message from its save until its delivery', async () => {
    const owed = await node.save(strategy, [alice, bob]);
    const before = await node.outbox.find(node.keyring.keysOf(alice), owed);

    await tryFirst(node, alice, owed);
    await untilEqual('delivered', () => statusOf(strategy, alice, owed.message));

    expect(before).toMatchObject({ holder: alice, owed, attempt: 0, isFailed: false });
    await untilEqual(0, () => node.owedCount());
  });

  it('takes up what waits when its owner signs in again', async () => {
    const owed = await node.save(strategy, [alice, bob]);
    node.startWorker();
    await node.goOffline(alice);
    node.clock.advance(25);

    await node.goOnline(alice);

    await untilEqual('delivered', () => statusOf(strategy, alice, owed.message));
  });
});

describe.each(BRINGS)('the outbox of %s, where the recipient is called', (strategy, fn) => {
  it('stops at once when it is refused for good, and has the reason', async () => {
    const refused = { kind: 'refused', code: 'not-recipient', retryable: false } as const;
    node.faults.set([{ fault: refused, fn }]);
    const owed = await node.save(strategy, [alice, bob]);

    expect(await tryFirst(node, alice, owed)).toBe('failed');

    const work = await node.outbox.find(node.keyring.keysOf(alice), owed);
    expect(work).toMatchObject({
      attempt: 1,
      isFailed: true,
      lastError: 'remote-call-refused/not-recipient',
    });
  });

  it('does not repeat a reason that is no code', async () => {
    const refused = { kind: 'refused', code: 'Dear Alice, I know you.', retryable: true } as const;
    node.faults.set([{ fault: refused, fn }]);
    const owed = await node.save(strategy, [alice, bob]);

    expect(await tryFirst(node, alice, owed)).toBe('postponed');

    const work = await node.outbox.find(node.keyring.keysOf(alice), owed);
    expect(work?.lastError).toBe('remote-call-refused');
  });
});
