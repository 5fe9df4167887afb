import { expect } from '@jest/globals';
import { act, chainLength, deliveredReceipt, pair, untilStatus } from './acts.js';
import { type Cases } from './cases.js';

const REPEATS = 8;

/** Eight of the same, at the same moment. */
function repeated<Value>(step: () => Promise<Value>): Promise<Value[]> {
  return Promise.all(Array.from({ length: REPEATS }, step));
}

/** Every step can be repeated: it writes nothing twice, and gives what is stored. */
export const stepCases: Cases = {
  'keeps a saved message with its saved receipt': async (harness) => {
    const [alice, bob] = await pair(harness);
    const draft = harness.draft(alice, bob, 'a first message');

    const saved = await harness.strategy.save(draft);

    const held = await harness.strategy.messages.find({ holder: alice, message: saved.message });
    expect(held).toEqual({ message: { id: saved.message, ...draft }, status: 'saved', receipts: [saved] });
  },

  'calls the message by the hash of what it says, on both sides': async (harness) => {
    const [alice, bob] = await pair(harness);
    const draft = harness.draft(alice, bob);

    const sent = await act(harness, draft);

    const received = await harness.strategy.messages.find({ holder: bob, message: sent.message.id });
    expect(sent.message.id).toBe(harness.notary.messageIdOf(draft));
    expect(received.message).toEqual(sent.message);
  },

  'gives each side receipts that verify': async (harness) => {
    const [alice, bob] = await pair(harness);

    const { message, receipts } = await act(harness, harness.draft(alice, bob));

    const received = await harness.strategy.messages.find({ holder: bob, message: message.id });
    expect(receipts.map(({ status, by }) => [status, by])).toEqual([
      ['saved', alice],
      ['delivered', bob],
    ]);
    expect(received.receipts).toEqual(receipts);
    for (const receipt of receipts) harness.notary.verifyReceipt(receipt, message);
  },

  'saves once when a save is repeated at the same moment': async (harness) => {
    const [alice, bob] = await pair(harness);
    await harness.strategy.save(harness.draft(alice, bob));
    const before = await chainLength(harness, alice);
    const draft = harness.draft(alice, bob);
    const single = await harness.strategy.save(harness.draft(alice, bob));
    const grown = (await chainLength(harness, alice)) - before;

    // Strict ordering may turn a repeat away; an answer is always the stored one.
    const answers = await Promise.allSettled(
      Array.from({ length: REPEATS }, () => harness.strategy.save(draft)),
    );

    const receipts = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    expect(new Set(receipts.map(({ signature }) => signature)).size).toBe(1);
    expect(receipts[0]?.message).not.toBe(single.message);
    expect(await chainLength(harness, alice)).toBe(before + 2 * grown);
  },

  'gives the stored receipt when a save is repeated later': async (harness) => {
    const [alice, bob] = await pair(harness);
    const draft = harness.draft(alice, bob);
    const first = await harness.strategy.save(draft);
    const stored = await harness.storedCount();

    expect(await harness.strategy.save(draft)).toEqual(first);
    expect(await harness.storedCount()).toBe(stored);
  },

  'delivers once when a send is repeated at the same moment': async (harness) => {
    const [alice, bob] = await pair(harness);
    await act(harness, harness.draft(alice, bob));
    const before = await chainLength(harness, bob);
    await act(harness, harness.draft(alice, bob));
    const grown = (await chainLength(harness, bob)) - before;
    const { message } = await harness.strategy.save(harness.draft(alice, bob));
    const ref = { holder: alice, message };

    await Promise.allSettled(Array.from({ length: REPEATS }, () => harness.strategy.send(ref)));

    await untilStatus(harness, { holder: bob, message }, 'delivered');
    expect(await chainLength(harness, bob)).toBe(before + 2 * grown);
  },

  'gives the stored delivered receipt when a send is repeated later': async (harness) => {
    const [alice, bob] = await pair(harness);
    const first = await deliveredReceipt(harness, harness.draft(alice, bob));
    const ref = { holder: alice, message: first.message };
    const length = await chainLength(harness, bob);

    await harness.strategy.send(ref);

    const held = await harness.strategy.messages.find({ ...ref, holder: bob });
    expect(held.receipts).toContainEqual(first);
    expect(await chainLength(harness, bob)).toBe(length);
  },

  'confirms once when a confirmation is repeated at the same moment': async (harness) => {
    const [alice, bob] = await pair(harness);
    const receipt = await deliveredReceipt(harness, harness.draft(alice, bob));
    await harness.strategy.confirm(alice, receipt);
    const length = await chainLength(harness, alice);

    const answers = await repeated(() => harness.strategy.confirm(alice, receipt));

    expect(answers).toEqual(answers.map(() => receipt));
    expect(await chainLength(harness, alice)).toBe(length);
  },

  'reads once when a reading is repeated at the same moment': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await act(harness, harness.draft(alice, bob));
    const ref = { holder: bob, message: message.id };
    const first = await harness.strategy.read(ref);
    const stored = await harness.storedCount();

    const answers = await repeated(() => harness.strategy.read(ref));

    expect(answers).toEqual(answers.map(() => first));
    expect(await harness.storedCount()).toBe(stored);
  },

  'brings a read receipt to the author, and again without harm': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await act(harness, harness.draft(alice, bob));
    const receipt = await harness.strategy.read({ holder: bob, message: message.id });

    await harness.strategy.sendReceipt({ holder: bob, message: message.id });
    await harness.strategy.sendReceipt({ holder: bob, message: message.id });

    const held = await untilStatus(harness, { holder: alice, message: message.id }, 'read');
    expect(held.status).toBe('read');
    expect(held.receipts.at(-1)).toEqual(receipt);
  },

  'finds the stored receipt when asked after an unknown outcome': async (harness) => {
    const [alice, bob] = await pair(harness);
    const delivered = await deliveredReceipt(harness, harness.draft(alice, bob));

    expect(await harness.strategy.probe({ holder: alice, message: delivered.message })).toEqual(delivered);
  },

  'finds no receipt for a message that was never sent': async (harness) => {
    const [alice, bob] = await pair(harness);
    await act(harness, harness.draft(alice, bob));
    const { message } = await harness.strategy.save(harness.draft(alice, bob));

    expect(await harness.strategy.probe({ holder: alice, message })).toBeNull();
  },

  'recalls a message that its holder deleted, as it was': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await harness.strategy.save(harness.draft(alice, bob));
    const ref = { holder: alice, message };
    const held = await harness.strategy.messages.find(ref);

    await harness.strategy.remove(ref);

    expect(await harness.strategy.messages.recall(ref)).toEqual(held);
  },

  'delivers a message to oneself, and marks it read, in one act': async (harness) => {
    const alice = await harness.newAgent();
    const { message } = await harness.strategy.save(harness.draft(alice, alice));

    await harness.strategy.send({ holder: alice, message });

    expect((await harness.strategy.messages.find({ holder: alice, message })).status).toBe('read');
  },
};
