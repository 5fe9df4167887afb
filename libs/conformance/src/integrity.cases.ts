import { expect } from '@jest/globals';
import {
  type AgentPubKey,
  InvalidReceiptError,
  type MessageDraft,
  MessageNotFoundError,
  type ReceiptStatus,
  type SignedReceipt,
} from '@musubi/messaging';
import { act, agents, attempted, deliveredReceipt, holds, pair } from './acts.js';
import { type Case, type Cases } from './cases.js';
import { type ConformanceHarness } from './harness.js';

/** A receipt that `signer` signs in its own name, passed off as another's. */
function forged(
  harness: ConformanceHarness,
  saved: SignedReceipt,
  {
    status,
    by,
    signer,
  }: { readonly status: ReceiptStatus; readonly by: AgentPubKey; readonly signer: AgentPubKey },
): SignedReceipt {
  const { message, at, space } = saved;
  const { signature } = harness.notary.signReceipt({ message, status, by: signer, at, space });
  return { message, status, by, at, space, signature };
}

/** The author saves a message, and is handed a receipt that `make` made of it: it must be refused. */
function refuses(
  make: (harness: ConformanceHarness, saved: SignedReceipt, all: readonly AgentPubKey[]) => SignedReceipt,
): Case {
  return async (harness) => {
    const [alice, bob, mallory] = await agents(harness, 3);
    if (alice === undefined || bob === undefined || mallory === undefined) throw new Error('three agents');
    const saved = await harness.strategy.save(harness.draft(alice, bob));
    const receipt = make(harness, saved, [alice, bob, mallory]);
    const stored = await harness.storedCount();

    await expect(harness.strategy.confirm(alice, receipt)).rejects.toThrow(InvalidReceiptError);

    expect(await harness.storedCount()).toBe(stored);
  };
}

/** Mallory hands the recipient something made of Alice's message: it must not be kept. */
function ignores(
  tamper: (draft: MessageDraft, mallory: AgentPubKey) => MessageDraft,
  caller: 'author' | 'mallory',
): Case {
  return async (harness) => {
    const [alice, bob, mallory] = await agents(harness, 3);
    if (alice === undefined || bob === undefined || mallory === undefined) throw new Error('three agents');
    const draft = harness.draft(alice, bob);
    const saved = await harness.strategy.save(draft);
    const message = tamper(draft, mallory);
    const signed = { message, saved };

    await attempted(harness.handInMessage(caller === 'author' ? alice : mallory, bob, signed));

    expect(await holds(harness, bob, saved.message)).toBe(false);
    expect(await holds(harness, bob, harness.notary.messageIdOf(message))).toBe(false);
  };
}

const someone = (all: readonly AgentPubKey[], index: number): AgentPubKey => {
  const agent = all[index];
  if (agent === undefined) throw new Error('no such agent');
  return agent;
};

/** Nothing is taken from anybody's mouth: receipts and messages count by their signatures. */
export const integrityCases: Cases = {
  'takes a message through the same door when it is genuine': async (harness) => {
    const [alice, bob] = await pair(harness);
    const draft = harness.draft(alice, bob);
    const saved = await harness.strategy.save(draft);

    await harness.handInMessage(alice, bob, { message: draft, saved });

    expect(await holds(harness, bob, saved.message)).toBe(true);
  },

  'refuses a delivered receipt that the author forged': refuses((harness, saved, all) =>
    forged(harness, saved, { status: 'delivered', by: someone(all, 1), signer: someone(all, 0) }),
  ),

  'refuses a read receipt that a third agent forged': refuses((harness, saved, all) =>
    forged(harness, saved, { status: 'read', by: someone(all, 1), signer: someone(all, 2) }),
  ),

  'refuses a delivered receipt that a third agent signed in its own name': refuses((harness, saved, all) =>
    forged(harness, saved, { status: 'delivered', by: someone(all, 2), signer: someone(all, 2) }),
  ),

  'refuses a genuine receipt whose status was raised': refuses((harness, saved, all) => {
    const { message, at, space } = saved;
    const genuine = harness.notary.signReceipt({
      message,
      status: 'delivered',
      by: someone(all, 1),
      at,
      space,
    });
    return { ...genuine, status: 'read' };
  }),

  'refuses a receipt that was made in another space': refuses((harness, saved, all) => {
    const { message, at } = saved;
    const space = harness.foreignSpace;
    return harness.notary.signReceipt({ message, status: 'delivered', by: someone(all, 1), at, space });
  }),

  'refuses a receipt of another message, replayed': async (harness) => {
    const [alice, bob] = await pair(harness);
    const genuine = await deliveredReceipt(harness, harness.draft(alice, bob));
    const { message } = await harness.strategy.save(harness.draft(alice, bob));
    const stored = await harness.storedCount();

    await expect(harness.strategy.confirm(alice, { ...genuine, message })).rejects.toThrow(
      InvalidReceiptError,
    );

    expect(await harness.storedCount()).toBe(stored);
  },

  'changes nothing for a receipt that a stranger hands in': async (harness) => {
    const [alice, bob, mallory] = await agents(harness, 3);
    if (alice === undefined || bob === undefined || mallory === undefined) throw new Error('three agents');
    const saved = await harness.strategy.save(harness.draft(alice, bob));
    const receipt = forged(harness, saved, { status: 'delivered', by: bob, signer: mallory });

    await attempted(harness.handInReceipt(mallory, alice, receipt));

    const held = await harness.strategy.messages.find({ holder: alice, message: saved.message });
    expect(held.receipts).toEqual([saved]);
  },

  'does not keep a message that somebody else than its author hands in': ignores((draft) => draft, 'mallory'),

  'does not keep a message whose text was changed': ignores(
    (draft) => ({ ...draft, payload: { type: 'text', text: 'something else' } }),
    'author',
  ),

  'does not keep a message whose author was changed': ignores(
    (draft, mallory) => ({ ...draft, author: mallory }),
    'mallory',
  ),

  'does not keep a message for somebody else': ignores(
    (draft, mallory) => ({ ...draft, recipient: mallory }),
    'author',
  ),

  'shows an agent no message of others': async (harness) => {
    const [alice, bob, mallory] = await agents(harness, 3);
    if (alice === undefined || bob === undefined || mallory === undefined) throw new Error('three agents');
    const { message } = await act(harness, harness.draft(alice, bob));
    const ref = { holder: mallory, message: message.id };

    await expect(harness.strategy.messages.find(ref)).rejects.toThrow(MessageNotFoundError);
    await expect(harness.strategy.read(ref)).rejects.toThrow(MessageNotFoundError);
    await expect(harness.strategy.send(ref)).rejects.toThrow(MessageNotFoundError);
  },

  'lets only the recipient mark a message as read': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await act(harness, harness.draft(alice, bob));

    const reading = harness.strategy.read({ holder: alice, message: message.id });

    await expect(reading).rejects.toThrow(MessageNotFoundError);
  },

  'never lowers a status: read before delivered stays read': async (harness) => {
    const [alice, bob] = await pair(harness);
    const delivered = await deliveredReceipt(harness, harness.draft(alice, bob));
    const read = await harness.strategy.read({ holder: bob, message: delivered.message });
    if (read === null) throw new Error('the author is told by default');

    await harness.strategy.confirm(alice, read);
    await harness.strategy.confirm(alice, delivered);

    const held = await harness.strategy.messages.find({ holder: alice, message: delivered.message });
    expect(held.status).toBe('read');
  },
};
