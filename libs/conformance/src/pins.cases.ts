import { expect } from '@jest/globals';
import {
  type AgentPubKey,
  type MessageId,
  MessageUndeliveredError,
  type PinCarrier,
  type PinId,
  RecipientUnreachableError,
} from '@musubi/messaging';
import { act, chainLength, pair, until } from './acts.js';
import { type Cases } from './cases.js';
import { type ConformanceHarness } from './harness.js';

function pinsOf({ strategy: { name, pins } }: ConformanceHarness): PinCarrier {
  if (pins === null) throw new Error(`${name} carries no pins`);
  return pins;
}

interface Pinning {
  readonly pair: readonly [AgentPubKey, AgentPubKey];
  readonly message: MessageId;
}

async function deliveredMessage(harness: ConformanceHarness): Promise<Pinning> {
  const [alice, bob] = await pair(harness);
  const { message } = await act(harness, harness.draft(alice, bob));
  await harness.whenIdle();
  return { pair: [alice, bob], message: message.id };
}

async function state(
  harness: ConformanceHarness,
  ref: { readonly holder: AgentPubKey; readonly message: MessageId },
  pinned: boolean,
): Promise<PinId> {
  const pin = await pinsOf(harness).pin(ref, pinned);
  if (pin === null) throw new Error('nothing was said');
  return pin;
}

async function bring(harness: ConformanceHarness, holder: AgentPubKey, pin: PinId): Promise<boolean> {
  const isBrought = await pinsOf(harness).sendPin(holder, pin);
  await harness.whenIdle();
  return isBrought;
}

async function isPinned(
  { strategy }: ConformanceHarness,
  holder: AgentPubKey,
  message: MessageId,
): Promise<boolean> {
  return (await strategy.messages.find({ holder, message })).pinned === true;
}

async function seenByBoth(
  harness: ConformanceHarness,
  { message, pair }: Pinning,
): Promise<readonly boolean[]> {
  return Promise.all(pair.map((holder) => isPinned(harness, holder, message)));
}

/** Of what both said, the last word holds for both. */
export const pinCases: Cases = {
  'shows a pin to both once it was brought, and says it once': async (harness) => {
    const pinning = await deliveredMessage(harness);
    const [alice, bob] = pinning.pair;
    const ref = { holder: bob, message: pinning.message };
    const pin = await state(harness, ref, true);
    expect(await seenByBoth(harness, pinning)).toEqual([false, true]);
    await bring(harness, bob, pin);
    expect(await seenByBoth(harness, pinning)).toEqual([true, true]);
    const lengths = [await chainLength(harness, alice), await chainLength(harness, bob)];

    expect(await state(harness, ref, true)).toBe(pin);
    await bring(harness, bob, pin);

    expect([await chainLength(harness, alice), await chainLength(harness, bob)]).toEqual(lengths);
  },

  'keeps a pin while the peer is away, and brings it when the peer is back': async (harness) => {
    const pinning = await deliveredMessage(harness);
    const [alice, bob] = pinning.pair;
    const pin = await state(harness, { holder: alice, message: pinning.message }, true);
    await harness.goOffline(bob);
    const sending = pinsOf(harness).sendPin(alice, pin);
    if (harness.strategy.guarantees.offlineDelivery) expect(await sending).toBe(true);
    else await expect(sending).rejects.toThrow(RecipientUnreachableError);

    await harness.goOnline(bob);
    await bring(harness, alice, pin);

    await until(harness, async () => {
      expect(await seenByBoth(harness, pinning)).toEqual([true, true]);
    });
  },

  'shows both the last word after both spoke at once, in whichever order it comes': async (harness) => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const pinning = await deliveredMessage(harness);
      const [alice, bob] = pinning.pair;
      const { message } = pinning;
      await bring(harness, alice, await state(harness, { holder: alice, message }, true));
      const words: { readonly by: AgentPubKey; readonly pin: PinId }[] = [];
      for (const by of [alice, bob])
        words.push({ by, pin: await state(harness, { holder: by, message }, false) });
      const again = await state(harness, { holder: alice, message }, true);
      for (const place of order) {
        const word = words[place];
        if (word !== undefined) await bring(harness, word.by, word.pin);
      }
      await bring(harness, alice, again);

      expect(await seenByBoth(harness, pinning)).toEqual([true, true]);
    }
  },

  'does not bring an earlier word over a later one': async (harness) => {
    const pinning = await deliveredMessage(harness);
    const [alice] = pinning.pair;
    const ref = { holder: alice, message: pinning.message };
    const first = await state(harness, ref, true);
    const second = await state(harness, ref, false);
    await bring(harness, alice, second);

    expect(await bring(harness, alice, first)).toBe(false);
    expect(await seenByBoth(harness, pinning)).toEqual([false, false]);
  },

  'waits with a pin while the peer does not have the message': async (harness) => {
    const [alice, bob] = await pair(harness);
    const { message } = await harness.strategy.save(harness.draft(alice, bob));
    const pin = await state(harness, { holder: alice, message }, true);

    await expect(pinsOf(harness).sendPin(alice, pin)).rejects.toThrow(MessageUndeliveredError);
    await harness.strategy.remove({ holder: alice, message });
  },

  'keeps nothing of a pin whose commit fails, and pins after it': async (harness) => {
    const pinning = await deliveredMessage(harness);
    const [alice] = pinning.pair;
    const ref = { holder: alice, message: pinning.message };
    const [stored, length] = [await harness.storedCount(), await chainLength(harness, alice)];
    harness.failNextCommit();

    await expect(pinsOf(harness).pin(ref, true)).rejects.toThrow();

    expect([await harness.storedCount(), await chainLength(harness, alice)]).toEqual([stored, length]);
    expect(await seenByBoth(harness, pinning)).toEqual([false, false]);
    await bring(harness, alice, await state(harness, ref, true));
    expect(await seenByBoth(harness, pinning)).toEqual([true, true]);
  },

  'lists the pinned messages of a conversation, also when it is opened again': async (harness) => {
    const pinning = await deliveredMessage(harness);
    const [alice, bob] = pinning.pair;
    await act(harness, harness.draft(bob, alice));
    await bring(harness, bob, await state(harness, { holder: bob, message: pinning.message }, true));
    const listed = async ({ strategy }: ConformanceHarness): Promise<readonly MessageId[]> => {
      const query = { anchor: { at: 'latest' }, with: bob, pinned: true, limit: 10 } as const;
      return (await strategy.messages.list(alice, query)).items.map(({ message }) => message.id);
    };
    expect(await listed(harness)).toEqual([pinning.message]);

    expect(await listed(await harness.reopen())).toEqual([pinning.message]);
  },
};
