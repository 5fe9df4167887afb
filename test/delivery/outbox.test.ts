import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentPubKey, type MessageId, STRATEGY_NAMES, type StrategyName } from '@musubi/messaging';
import { type Signal } from '@musubi/network';
import { type Owed } from '@musubi/cell';
import { PostalNode } from '../support/postal-node.js';
import { untilEqual } from '../support/until.js';

const BY_CALL = ['source-chain', 'pairwise-dht'] as const;
/** The function that brings the message, by the placements that call the recipient. */
const BRINGS = {
  'source-chain': 'source-chain/receive_message',
  'pairwise-dht': 'pairwise-dht/integrate_records',
} as const;

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

/** One attempt at an owed step, as whoever just saved it makes it. */
function attempt(owed: Owed): ReturnType<PostalNode['courier']['attempt']> {
  const first = { holder: alice, owed, lane: '', attempt: 0, dueAt: node.clock.now(), isFailed: false };
  return node.courier.attempt({ ...first, lastError: null });
}

async function messagesOf(strategy: StrategyName, holder: AgentPubKey): Promise<number> {
  const { items } = await node.strategies[strategy].messages.list(holder, {
    anchor: { at: 'latest' },
    limit: 200,
  });
  return items.length;
}

describe.each(STRATEGY_NAMES)('the outbox of %s', (strategy) => {
  it('owes a message from its save until its delivery', async () => {
    const owed = await node.save(strategy, [alice, bob]);
    const before = await node.outbox.find(node.keyring.keysOf(alice), owed);

    await attempt(owed);
    await untilEqual('delivered', () => statusOf(strategy, alice, owed.message));

    expect(before).toMatchObject({ holder: alice, owed, attempt: 0, isFailed: false });
    await untilEqual(0, () => node.owedCount());
  });

  it('resumes after a crash between save and send, once the lease of the dead has ended (F2)', async () => {
    const owed = await node.save(strategy, [alice, bob]);
    node.startWorker();

    node.clock.advance(25);

    await untilEqual('delivered', () => statusOf(strategy, alice, owed.message));
    expect(await messagesOf(strategy, bob)).toBe(1);
  });

  it('takes up what waits when its owner signs in again', async () => {
    const owed = await node.save(strategy, [alice, bob]);
    node.startWorker();
    await node.goOffline(alice);
    node.clock.advance(25);

    await node.goOnline(alice);

    await untilEqual('delivered', () => statusOf(strategy, alice, owed.message));
  });

  it('brings a read receipt to an author who was offline when it was made (F10)', async () => {
    const owed = await node.save(strategy, [alice, bob]);
    await attempt(owed);
    await untilEqual('delivered', () => statusOf(strategy, alice, owed.message));
    await node.goOffline(alice);
    await node.strategies[strategy].read({ holder: bob, message: owed.message });
    node.startWorker();
    node.clock.advance(25);

    await node.goOnline(alice);
    node.clock.advance(25);

    await untilEqual('read', () => statusOf(strategy, alice, owed.message));
  });

  it('delivers each of many messages once, with two workers and calls that arrive twice (F8, F18)', async () => {
    node.faults.set([{ fault: { kind: 'duplicate' } }]);
    const owed = await Promise.all(Array.from({ length: 10 }, () => node.save(strategy, [alice, bob])));
    node.startWorker();
    node.startWorker();

    node.clock.advance(25);

    for (const { message } of owed) await untilEqual('delivered', () => statusOf(strategy, alice, message));
    expect(await messagesOf(strategy, bob)).toBe(10);
  });

  it('forgets what is deleted before it was sent (F13)', async () => {
    const owed = await node.save(strategy, [alice, bob]);
    await node.strategies[strategy].remove({ holder: alice, message: owed.message });
    node.startWorker();
    node.clock.advance(25);
    const later = await node.save(strategy, [alice, bob]);
    await attempt(later);

    await untilEqual('delivered', () => statusOf(strategy, alice, later.message));

    expect(await messagesOf(strategy, bob)).toBe(1);
  });
});

describe.each(BY_CALL)('the outbox of %s, where the recipient is called', (strategy) => {
  it('waits (2ⁿ + U) s after attempt n, and gives up after five (F3)', async () => {
    const told: Signal[] = [];
    node.signals.subscribe(alice, (signal) => told.push(signal));
    await node.goOffline(bob);
    const owed = await node.save(strategy, [alice, bob]);
    const keys = node.keyring.keysOf(alice);
    const waits: number[] = [];

    await attempt(owed);
    for (
      let work = await node.outbox.find(keys, owed);
      work?.isFailed === false;
      work = await node.outbox.find(keys, owed)
    ) {
      waits.push(Math.round((work.dueAt - node.clock.now()) / 1_000_000 - 0.5));
      await node.courier.attempt(work);
    }

    expect(waits).toEqual([2, 4, 8, 16]);
    expect(await node.outbox.find(keys, owed)).toMatchObject({ attempt: 5, isFailed: true });
    await untilEqual('delivery-failed', () => Promise.resolve(told.at(-1)?.['type']));
  });

  it('asks before it sends again, where the reply was lost, and only confirms (F6)', async () => {
    node.faults.set([{ fault: { kind: 'reply-lost' }, fn: BRINGS[strategy], times: 1 }]);
    const owed = await node.save(strategy, [alice, bob]);
    const outcome = await attempt(owed);
    const between = await statusOf(strategy, alice, owed.message);
    // Whatever were sent again now would be refused.
    node.faults.set([
      { fault: { kind: 'refused', code: 'invalid-message', retryable: false }, fn: BRINGS[strategy] },
    ]);
    node.startWorker();

    node.clock.advance(10);

    await untilEqual('delivered', () => statusOf(strategy, alice, owed.message));
    expect([outcome, between]).toEqual(['postponed', 'saved']);
    expect(await messagesOf(strategy, bob)).toBe(1);
  });

  it('stops at once when it is refused for good', async () => {
    const refused = { kind: 'refused', code: 'not-recipient', retryable: false } as const;
    node.faults.set([{ fault: refused, fn: BRINGS[strategy] }]);
    const owed = await node.save(strategy, [alice, bob]);

    expect(await attempt(owed)).toBe('failed');

    const work = await node.outbox.find(node.keyring.keysOf(alice), owed);
    expect(work).toMatchObject({
      attempt: 1,
      isFailed: true,
      lastError: 'remote-call-refused/not-recipient',
    });
  });

  it('tries again after a refusal that may pass (F4)', async () => {
    const moved = { kind: 'refused', code: 'head-moved', retryable: true } as const;
    node.faults.set([{ fault: moved, fn: BRINGS[strategy], times: 1 }]);
    const owed = await node.save(strategy, [alice, bob]);
    const outcome = await attempt(owed);
    node.startWorker();

    node.clock.advance(10);

    expect(outcome).toBe('postponed');
    await untilEqual('delivered', () => statusOf(strategy, alice, owed.message));
  });

  it('lets a receipt that comes late beat a failure (F13)', async () => {
    node.faults.set([{ fault: { kind: 'reply-lost' }, fn: BRINGS[strategy] }]);
    const owed = await node.save(strategy, [alice, bob]);
    await attempt(owed);
    const keys = node.keyring.keysOf(alice);
    const work = await node.outbox.find(keys, owed);
    if (work === null) throw new Error('nothing is owed');
    await node.outbox.fail(work, 'remote-call-unknown');
    node.faults.set([]);

    await node.strategies[strategy].sendReceipt({ holder: bob, message: owed.message });

    expect(await statusOf(strategy, alice, owed.message)).toBe('delivered');
    expect(await node.outbox.find(keys, owed)).toBeNull();
  });
});
