import { expect } from '@jest/globals';
import { act, chainLength, holds, pair, untilStatus } from './acts.js';
import { type Cases } from './cases.js';

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
    harness.failNextCommit();
    if (receipt !== null) await harness.strategy.confirm(alice, receipt).catch(() => undefined);

    if (receipt !== null) await harness.strategy.confirm(alice, receipt);

    expect((await untilStatus(harness, { holder: alice, message }, 'delivered')).receipts).toHaveLength(2);
  },
};
