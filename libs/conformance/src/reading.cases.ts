import { expect } from '@jest/globals';
import { type AgentPubKey, type HeldMessage, type MessageId } from '@musubi/messaging';
import { act, chainLength, pair, untilStatus } from './acts.js';
import { type Cases } from './cases.js';
import { type ConformanceHarness } from './harness.js';

async function unreadOf({ strategy }: ConformanceHarness, holder: AgentPubKey): Promise<number | undefined> {
  return (await strategy.messages.conversations(holder, { limit: 1 })).items[0]?.unread;
}

function found(
  { strategy }: ConformanceHarness,
  holder: AgentPubKey,
  message: MessageId,
): Promise<HeldMessage> {
  return strategy.messages.find({ holder, message });
}

/** What a reader tells the authors of what it reads is its own choice. */
export const readingCases: Cases = {
  'commits no receipt where the reader tells nobody, and nothing is unread': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await act(harness, harness.draft(alice, bob));
    await harness.tellReading(bob, false);
    const length = await chainLength(harness, bob);
    const ref = { holder: bob, message: message.id };
    expect(await unreadOf(harness, bob)).toBe(1);

    expect([await harness.strategy.read(ref), await harness.strategy.read(ref)]).toEqual([null, null]);
    // What there is to bring is the receipt of before.
    await harness.strategy.sendReceipt(ref);
    await harness.whenIdle();

    expect([await chainLength(harness, bob), await unreadOf(harness, bob)]).toEqual([length, 0]);
    for (const holder of [alice, bob])
      expect((await found(harness, holder, message.id)).status).toBe('delivered');
  },

  'tells nothing later of what was read before the switch was put on again': async (harness) => {
    const [alice, bob] = await pair(harness);
    const [quiet, told] = [
      await act(harness, harness.draft(alice, bob)),
      await act(harness, harness.draft(alice, bob)),
    ];
    await harness.tellReading(bob, false);
    await harness.strategy.read({ holder: bob, message: quiet.message.id });
    await harness.tellReading(bob, true);

    const again = await harness.strategy.read({ holder: bob, message: quiet.message.id });
    const receipt = await harness.strategy.read({ holder: bob, message: told.message.id });

    expect([again, receipt]).toEqual([null, expect.objectContaining({ status: 'read', by: bob })]);
  },

  'brings the receipt of what was read before the switch was put off': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await act(harness, harness.draft(alice, bob));
    const ref = { holder: bob, message: message.id };
    const receipt = await harness.strategy.read(ref);
    await harness.tellReading(bob, false);

    expect(await harness.strategy.read(ref)).toEqual(receipt);
    await harness.strategy.sendReceipt(ref);
    expect((await untilStatus(harness, { ...ref, holder: alice }, 'read')).status).toBe('read');
  },

  'still tells nobody when it is opened again': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await act(harness, harness.draft(alice, bob));
    await harness.tellReading(bob, false);

    const reopened = await harness.reopen();

    expect(await reopened.strategy.read({ holder: bob, message: message.id })).toBeNull();
  },
};
