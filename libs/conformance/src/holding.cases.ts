import { expect } from '@jest/globals';
import { AgentOfflineError, MessageDeletedError } from '@musubi/messaging';
import { act, agents, deliveredReceipt, pair } from './acts.js';
import { type Cases } from './cases.js';

/** What an agent sees of what it holds. */
export const holdingCases: Cases = {
  'lists each conversation once, the latest first, with its last message': async (harness) => {
    const [alice, bob, carol] = await agents(harness, 3);
    if (alice === undefined || bob === undefined || carol === undefined) throw new Error('three agents');
    await act(harness, harness.draft(alice, bob, 'first'));
    await act(harness, harness.draft(carol, alice, 'second'));
    await act(harness, harness.draft(bob, alice, 'third'));

    const { items } = await harness.strategy.messages.conversations(alice, { limit: 50 });

    expect(items.map(({ peer, last }) => [peer, last.message.payload])).toEqual([
      [bob, { type: 'text', text: 'third' }],
      [carol, { type: 'text', text: 'second' }],
    ]);
  },

  'counts the unread messages of a conversation until they are read': async (harness) => {
    const [alice, bob] = await pair(harness);
    await act(harness, harness.draft(alice, bob));
    const { message } = await act(harness, harness.draft(alice, bob));
    const unread = async (): Promise<number | undefined> =>
      (await harness.strategy.messages.conversations(bob, { limit: 1 })).items[0]?.unread;
    const before = await unread();

    await harness.strategy.read({ holder: bob, message: message.id });

    expect([before, await unread()]).toEqual([2, 1]);
  },

  'pages conversations': async (harness) => {
    const alice = await harness.newAgent();
    const peers = await agents(harness, 3);
    for (const peer of peers) await harness.strategy.save(harness.draft(alice, peer));

    const first = await harness.strategy.messages.conversations(alice, { limit: 2 });
    const second = await harness.strategy.messages.conversations(alice, {
      limit: 2,
      before: first.next ?? '',
    });

    expect([...first.items, ...second.items].map(({ peer }) => peer)).toEqual([...peers].reverse());
    expect(second.next).toBeNull();
  },

  'shows a deleted message no more to the agent that deleted it': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await act(harness, harness.draft(alice, bob));
    const ref = { holder: alice, message: message.id };

    await harness.strategy.remove(ref);
    await harness.strategy.remove(ref);

    await expect(harness.strategy.messages.find(ref)).rejects.toThrow(MessageDeletedError);
    const { items } = await harness.strategy.messages.list(alice, { anchor: { at: 'latest' }, limit: 10 });
    expect(items).toEqual([]);
    expect((await harness.strategy.messages.find({ ...ref, holder: bob })).message.id).toBe(message.id);
  },

  'keeps a receipt that comes after its message was deleted': async (harness) => {
    const [alice, bob] = await pair(harness);
    const receipt = await deliveredReceipt(harness, harness.draft(alice, bob));
    await harness.strategy.remove({ holder: alice, message: receipt.message });

    expect(await harness.strategy.confirm(alice, receipt)).toEqual(receipt);
  },

  'neither saves nor reads for an agent that is offline': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await act(harness, harness.draft(alice, bob));
    const draft = harness.draft(alice, bob);
    await harness.goOffline(alice);

    await expect(harness.strategy.save(draft)).rejects.toThrow(AgentOfflineError);
    const finding = harness.strategy.messages.find({ holder: alice, message: message.id });
    await expect(finding).rejects.toThrow(AgentOfflineError);
  },

  'has everything again for an agent that comes back': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await act(harness, harness.draft(alice, bob));
    await harness.goOffline(alice);

    await harness.goOnline(alice);

    const held = await harness.strategy.messages.find({ holder: alice, message: message.id });
    expect(held.status).toBe('delivered');
    await act(harness, harness.draft(alice, bob));
  },
};
