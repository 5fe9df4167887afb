import { expect } from '@jest/globals';
import { type AgentPubKey, type SignedReceipt } from '@musubi/messaging';
import { act, chainLength, holds, pair, untilStatus } from './acts.js';
import { type Cases } from './cases.js';
import { type ConformanceHarness } from './harness.js';

/** What belongs together on one chain is committed together, or not at all. */
export const atomicityCases: Cases = {
  'keeps nothing of a save whose commit fails': async (harness) => {
    const [alice, bob] = await pair(harness);
    await act(harness, harness.draft(alice, bob));
    const draft = harness.draft(alice, bob);
    const [stored, length] = [await harness.storedCount(), await chainLength(harness, alice)];
    harness.failNextCommit();

    await expect(harness.strategy.save(draft)).rejects.toThrow();

    expect(await holds(harness, alice, harness.notary.messageIdOf(draft))).toBe(false);
    expect(await harness.storedCount()).toBe(stored);
    expect(await chainLength(harness, alice)).toBe(length);
  },

  'saves the same message after a commit that failed': async (harness) => {
    const [alice, bob] = await pair(harness);
    await act(harness, harness.draft(alice, bob));
    const draft = harness.draft(alice, bob);
    harness.failNextCommit();
    await harness.strategy.save(draft).catch(() => undefined);

    const { message } = await act(harness, draft);

    expect(await holds(harness, bob, message.id)).toBe(true);
  },

  'gives the recipient the message with its receipt, or neither': async (harness) => {
    const [alice, bob] = await pair(harness);
    await act(harness, harness.draft(alice, bob));
    const { message } = await harness.strategy.save(harness.draft(alice, bob));
    harness.failNextCommit();

    await harness.strategy.send({ holder: alice, message }).catch(() => undefined);
    const isHeld = await holds(harness, bob, message);
    const found = isHeld ? await harness.strategy.messages.find({ holder: bob, message }) : undefined;

    // A placement that reads its mailbox again may have it by now: whole, then.
    expect(found?.status).toBe(isHeld ? 'delivered' : undefined);
    await harness.strategy.send({ holder: alice, message });
    await untilStatus(harness, { holder: bob, message }, 'delivered');
  },

  'keeps nothing of a confirmation whose commit fails, and confirms after it': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await harness.strategy.save(harness.draft(alice, bob));
    const receipt = await harness.strategy.send({ holder: alice, message });
    // Where no reply brings the receipt, the author's own cell confirms it, and is not there to be watched.
    if (receipt !== null) await confirmDespiteFailure(harness, alice, receipt);

    expect((await untilStatus(harness, { holder: alice, message }, 'delivered')).receipts).toHaveLength(2);
  },
};

async function confirmDespiteFailure(
  harness: ConformanceHarness,
  author: AgentPubKey,
  receipt: SignedReceipt,
): Promise<void> {
  const [stored, length] = [await harness.storedCount(), await chainLength(harness, author)];
  harness.failNextCommit();
  await expect(harness.strategy.confirm(author, receipt)).rejects.toThrow();

  expect(await chainLength(harness, author)).toBe(length);
  expect(await harness.storedCount()).toBe(stored);
  await harness.strategy.confirm(author, receipt);
}
