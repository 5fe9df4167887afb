import { expect } from '@jest/globals';
import { type AgentPubKey, type HeldMessage } from '@musubi/messaging';
import { act, chainLength, expectLinearChains, pair, untilStatus } from './acts.js';
import { type Cases } from './cases.js';
import { type ConformanceHarness } from './harness.js';

/** What an agent is shown: its conversations, and its latest messages with their receipts. */
async function shownTo({ strategy }: ConformanceHarness, agent: AgentPubKey): Promise<unknown> {
  const { items: conversations } = await strategy.messages.conversations(agent, { limit: 50 });
  const { items: messages } = await strategy.messages.list(agent, { anchor: { at: 'latest' }, limit: 50 });
  return { conversations, messages };
}

async function readIt({ strategy }: ConformanceHarness, { message }: HeldMessage): Promise<void> {
  const ref = { holder: message.recipient, message: message.id };
  await strategy.read(ref);
  await strategy.sendReceipt(ref);
}

/** A strategy that is closed and opened again has lost nothing, and goes on where it was. */
export const reopeningCases: Cases = {
  'shows the same messages, receipts and conversations after it was opened again': async (harness) => {
    const [alice, bob] = await pair(harness);
    const read = await act(harness, harness.draft(alice, bob, 'read'));
    await readIt(harness, read);
    await untilStatus(harness, { holder: alice, message: read.message.id }, 'read');
    await act(harness, harness.draft(bob, alice, 'delivered'));
    await harness.strategy.save(harness.draft(alice, bob, 'saved'));
    await harness.whenIdle();
    const before = [await shownTo(harness, alice), await shownTo(harness, bob)];

    const reopened = await harness.reopen();

    expect([await shownTo(reopened, alice), await shownTo(reopened, bob)]).toEqual(before);
  },

  'goes on behind a cursor that was made before': async (harness) => {
    const [alice, bob] = await pair(harness);
    for (let count = 0; count < 5; count += 1) await harness.strategy.save(harness.draft(alice, bob));
    const list = ({ strategy }: ConformanceHarness, cursor: string): Promise<readonly HeldMessage[]> =>
      strategy.messages
        .list(alice, { anchor: { at: 'before', cursor }, limit: 2 })
        .then(({ items }) => items);
    const { next } = await harness.strategy.messages.list(alice, { anchor: { at: 'latest' }, limit: 2 });
    const expected = await list(harness, next ?? '');

    expect(await list(await harness.reopen(), next ?? '')).toEqual(expected);
  },

  'delivers a message that was saved before': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await harness.strategy.save(harness.draft(alice, bob));
    const reopened = await harness.reopen();

    const receipt = await reopened.strategy.send({ holder: alice, message });
    if (receipt !== null) await reopened.strategy.confirm(alice, receipt);

    const { status } = await untilStatus(reopened, { holder: alice, message }, 'delivered');
    expect(status).toBe('delivered');
    await reopened.whenIdle();
    expect((await reopened.strategy.messages.find({ holder: bob, message })).status).toBe('delivered');
  },

  'gives the stored receipt when a save of before is repeated': async (harness) => {
    const [alice, bob] = await pair(harness);
    const draft = harness.draft(alice, bob);
    const receipt = await harness.strategy.save(draft);
    const length = await chainLength(harness, alice);
    const reopened = await harness.reopen();

    expect(await reopened.strategy.save(draft)).toEqual(receipt);
    expect(await chainLength(reopened, alice)).toBe(length);
  },

  'reads a message of before, and tells its author': async (harness) => {
    const [alice, bob] = await pair(harness);
    const delivered = await act(harness, harness.draft(alice, bob));
    const reopened = await harness.reopen();

    await readIt(reopened, delivered);

    const ref = { holder: alice, message: delivered.message.id };
    expect((await untilStatus(reopened, ref, 'read')).status).toBe('read');
  },

  'writes behind the heads of before': async (harness) => {
    const [alice, bob] = await pair(harness);
    await act(harness, harness.draft(alice, bob));
    const reopened = await harness.reopen();

    await act(reopened, reopened.draft(alice, bob));
    await act(reopened, reopened.draft(bob, alice));

    await expectLinearChains(reopened, [alice, bob]);
  },
};
