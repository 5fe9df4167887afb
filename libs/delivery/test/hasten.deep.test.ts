import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OutboxKey } from '@musubi/cell';
import { type OutboxEntry } from '@musubi/delivery';
import { type AgentPubKey } from '@musubi/messaging';
import { DeliveryNode, freshParts } from '@musubi/testing';
import { untilEqual } from '../../../test/support/until.js';

const DAY_S = 86_400;
/** Enough that the waits are minutes. */
const ROUNDS = 10;

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;
let carol: AgentPubKey;

beforeEach(async () => {
  node = await DeliveryNode.open();
  [alice, bob, carol] = [await node.newAgent(), await node.newAgent(), await node.newAgent()];
});

afterEach(() => node.close());

async function send(to: AgentPubKey): Promise<OutboxKey> {
  const outboxKey = await node.save('source-chain', [alice, to]);
  await node.attempts.first(alice, outboxKey);
  return outboxKey;
}

async function pin({ message }: OutboxKey, pinned: boolean): Promise<OutboxKey> {
  const said = await node.strategies['source-chain'].pins.pin({ holder: alice, message }, pinned);
  if (said === null) throw new Error('nothing was said');
  return { strategy: 'source-chain', message: said, step: 'pin' };
}

async function claim(limit = 32): Promise<readonly OutboxEntry[]> {
  return node.outbox.claim({ holders: node.keyring.online(), busyLanes: [], limit });
}

async function drain(): Promise<readonly OutboxEntry[]> {
  const works = await claim();
  for (const work of works) await node.attempts.make(work);
  await node.attempts.whenIdle();
  return works;
}

/** Both are away for long, and one message waits for each. */
async function waitForBoth(): Promise<readonly [OutboxKey, OutboxKey]> {
  await node.goOffline(bob);
  await node.goOffline(carol);
  const sent = [await send(bob), await send(carol)] as const;
  for (let round = 0; round < ROUNDS; round += 1) {
    node.clock.advance(400);
    await drain();
  }
  expect(await claim()).toEqual([]);
  return sent;
}

describe('what waits for minutes', () => {
  it('is due at once when its recipient is heard from, and nobody else’s is', async () => {
    const [toBob] = await waitForBoth();

    await node.delivery.hasten(bob);

    expect(await claim()).toMatchObject([{ outboxKey: toBob }]);
  });

  it('is due at once for everybody when the network comes back', async () => {
    await waitForBoth();

    await node.delivery.hastenAll();

    expect(await claim()).toHaveLength(2);
  });

  it.each([
    ['its recipient is heard from', () => node.delivery.hasten(bob)],
    ['the network comes back', () => node.delivery.hastenAll()],
  ])('is not kept back by the pin of a message that nobody has yet when %s', async (_, hasten) => {
    await node.goOffline(bob);
    const sent = await send(bob);
    const pinned = await pin(sent, true);
    await node.attempts.first(alice, pinned);
    for (let round = 0; round < ROUNDS; round += 1) {
      node.clock.advance(400);
      await drain();
    }
    // As after a call whose end nobody knows: the message takes its turn after what waits beside it.
    await node.context.db.query(`update outbox set due_at = due_at - 1000000 where step = 'pin'`);
    await node.signIn(bob);

    await hasten();
    expect(await drain()).toMatchObject([{ outboxKey: sent }]);
    // What waited for it follows at once.
    expect(await drain()).toMatchObject([{ outboxKey: pinned }]);
    const { messages } = node.strategies['source-chain'];
    expect((await messages.find({ holder: bob, message: sent.message })).pinned).toBe(true);
  });

  it('is not due for a pin that a later word has followed: nobody has answered', async () => {
    const delivered = await send(bob);
    await node.goOffline(bob);
    const waiting = await send(bob);
    const pinned = await pin(delivered, true);
    await node.attempts.first(alice, pinned);
    for (let round = 0; round < ROUNDS; round += 1) {
      node.clock.advance(400);
      await drain();
    }
    await pin(delivered, false);
    const work = await node.outbox.find(node.keyring.keysOf(alice), pinned);
    if (work === null) throw new Error('the step is gone');

    expect(await node.attempts.make(work)).toMatchObject({ kind: 'done' });
    await node.attempts.whenIdle();
    expect(await claim()).toEqual([]);
    expect(await node.outbox.find(node.keyring.keysOf(alice), waiting)).not.toBeNull();
  });

  it('is told to be due at once', async () => {
    const [toBob] = await waitForBoth();
    await node.delivery.hasten(bob);

    const work = await node.outbox.find(node.keyring.keysOf(alice), toBob);

    expect(work?.dueAt).toBeLessThanOrEqual(node.clock.now());
  });

  it('is not forgotten when its recipient is heard from during an attempt', async () => {
    const [toBob] = await waitForBoth();
    node.clock.advance(400);
    const works = await claim();
    const work = works.find(({ outboxKey }) => outboxKey.message === toBob.message);
    if (work === undefined) throw new Error('nothing is due');

    await node.delivery.hasten(bob);
    expect(await node.attempts.make(work)).toMatchObject({ kind: 'postponed' });

    expect(await drain()).toMatchObject([{ outboxKey: toBob }]);
    expect(await claim()).toEqual([]);
  });

  it('comes before those that nobody answered', async () => {
    const [, toCarol] = await waitForBoth();
    node.clock.advance(DAY_S);
    await node.delivery.hasten(carol);

    const scope = { holders: [alice], busyLanes: [], limit: 8, unansweredLimit: 0 };

    expect(await node.outbox.claim(scope)).toMatchObject([{ outboxKey: toCarol }]);
  });

  it('is delivered by a worker as soon as the recipient signs in', async () => {
    const [toBob] = await waitForBoth();
    node.startWorker();

    await node.goOnline(bob);

    const { messages } = node.strategies['source-chain'];
    await untilEqual(
      'delivered',
      async () => (await messages.find({ holder: alice, message: toBob.message })).status,
    );
  });

  it('follows when a new message is answered', async () => {
    const [toBob] = await waitForBoth();
    // Nobody says that Bob is back.
    await node.signIn(bob);

    await send(bob);
    await node.attempts.whenIdle();

    expect(await drain()).toMatchObject([{ outboxKey: toBob }]);
    expect(await node.owedCount()).toBe(1);
  });
});

describe('two processes of a node', () => {
  it('tell each other who came online, and what waits in the one leaves for the other', async () => {
    const [toBob] = await waitForBoth();
    node.delivery.start();
    // What a start makes due is tried, and waits again.
    await node.delivery.hastenAll();
    const { messages } = node.strategies['source-chain'];
    const statusOf = async (): Promise<string> =>
      (await messages.find({ holder: alice, message: toBob.message })).status;
    const find = (): Promise<OutboxEntry | null> => node.outbox.find(node.keyring.keysOf(alice), toBob);
    await untilEqual(true, async () => ((await find())?.attempt ?? 0) > ROUNDS + 1);
    const other = await DeliveryNode.start({ ...freshParts(node.database), roads: node.roads });

    await other.goOnline(bob);

    await untilEqual('delivered', statusOf);
    await node.delivery.stop();
    await other.stop();
  });
});
