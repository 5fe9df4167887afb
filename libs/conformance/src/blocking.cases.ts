import { expect } from '@jest/globals';
import { type AgentPubKey, type MessageId, RemoteCallRefusedError } from '@musubi/messaging';
import { act, attempted, chainLength, holds, pair, untilStatus } from './acts.js';
import { type Cases } from './cases.js';
import { type ConformanceHarness } from './harness.js';

const RACING = 12;

/** Steps two and three. Rejects where the author is told of a refusal. */
async function send(harness: ConformanceHarness, holder: AgentPubKey, message: MessageId): Promise<void> {
  const receipt = await harness.strategy.send({ holder, message });
  if (receipt !== null) await harness.strategy.confirm(holder, receipt);
}

/** Authors that call hear of it; one that publishes does not. */
async function expectRefusal(harness: ConformanceHarness, sending: Promise<unknown>): Promise<void> {
  if (harness.strategy.guarantees.offlineDelivery) {
    await sending;
    return;
  }
  const refusal: unknown = await sending.catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(RemoteCallRefusedError);
  expect(refusal).toMatchObject({ reason: 'recipient-refuses', retryable: false });
}

async function heldCount(harness: ConformanceHarness, holder: AgentPubKey): Promise<number> {
  const { items } = await harness.strategy.messages.list(holder, { anchor: { at: 'latest' }, limit: 200 });
  return items.length;
}

/** Nothing of a blocked author is written, and of a message that a block meets either all or nothing. */
export const blockingCases: Cases = {
  'takes nothing of a blocked author, writes nothing, and goes on after the block': async (harness) => {
    const [alice, bob] = await pair(harness);
    await act(harness, harness.draft(alice, bob));
    await harness.block(bob, alice);
    const { message } = await harness.strategy.save(harness.draft(alice, bob));
    const length = await chainLength(harness, bob);

    await expectRefusal(harness, send(harness, alice, message));
    await harness.whenIdle();

    expect([await holds(harness, bob, message), await chainLength(harness, bob)]).toEqual([false, length]);
    expect((await harness.strategy.messages.find({ holder: alice, message })).status).toBe('saved');
    await harness.unblock(bob, alice);
    await send(harness, alice, message);
    await untilStatus(harness, { holder: alice, message }, 'delivered');
  },

  'takes no file of a blocked author': async (harness) => {
    const [alice, bob] = await pair(harness);
    await act(harness, harness.draft(alice, bob));
    const file = await harness.upload(alice, new Uint8Array(300_000));
    const draft = harness.draft(alice, bob);
    const { message } = await harness.strategy.save({
      ...draft,
      payload: { type: 'file', text: null, file },
    });
    await harness.block(bob, alice);

    await expectRefusal(harness, send(harness, alice, message));
    await harness.whenIdle();

    expect(await holds(harness, bob, message)).toBe(false);
    await expect(harness.contentOf(bob, file)).rejects.toThrow();
  },

  'takes no pin of a blocked author': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await act(harness, harness.draft(alice, bob));
    await harness.block(bob, alice);
    const pin = await harness.strategy.pins?.pin({ holder: alice, message: message.id }, true);
    const length = await chainLength(harness, bob);
    if (pin === null || pin === undefined) throw new Error('nothing was said');

    await expectRefusal(harness, harness.strategy.pins?.sendPin(alice, pin) ?? Promise.resolve());
    await harness.whenIdle();

    const held = await harness.strategy.messages.find({ holder: bob, message: message.id });
    expect([held.pinned, await chainLength(harness, bob)]).toEqual([undefined, length]);
  },

  'lets an agent write to one that it blocks, and get its receipts': async (harness) => {
    const [alice, bob] = await pair(harness);
    await harness.block(alice, bob);

    const { message } = await act(harness, harness.draft(alice, bob));
    const ref = { holder: bob, message: message.id };
    await harness.strategy.read(ref);
    await harness.strategy.sendReceipt(ref);

    await untilStatus(harness, { ...ref, holder: alice }, 'read');
  },

  'takes each message that a block meets whole, or nothing of it, and none after it': async (harness) => {
    const [alice, bob] = await pair(harness);
    await act(harness, harness.draft(alice, bob));
    const messages: MessageId[] = [];
    for (let count = 0; count < RACING; count += 1)
      messages.push((await harness.strategy.save(harness.draft(alice, bob))).message);

    const sendings = messages.map((message) => attempted(send(harness, alice, message)));
    // In the middle of them, wherever that is.
    await sendings[2];
    await harness.block(bob, alice);
    const atBlock = await heldCount(harness, bob);
    await Promise.all(sendings);
    await harness.whenIdle();

    expect(await heldCount(harness, bob)).toBe(atBlock);
    for (const message of messages) {
      const isHeld = await holds(harness, bob, message);
      const { status } = await harness.strategy.messages.find({ holder: alice, message });
      // The author may not have heard of it yet; it has never heard of what is not so.
      expect(isHeld ? 'delivered' : status).toBe(isHeld ? 'delivered' : 'saved');
      if (!isHeld) continue;
      const { receipts } = await harness.strategy.messages.find({ holder: bob, message });
      expect(receipts.map((receipt) => receipt.status)).toEqual(['saved', 'delivered']);
    }
  },
};
