import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fromBase64Url } from '@musubi/crypto';
import {
  type AgentPubKey,
  type MessageId,
  type MessageReader,
  type PinCarrier,
  STRATEGY_NAMES,
} from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { pinActs } from './support/pin-acts.js';

const CALLED = ['source-chain', 'pairwise-dht'] as const;

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeAll(async () => {
  node = await DeliveryNode.open();
});

beforeEach(async () => {
  node.faults.set([]);
  node.commitFaults.set([]);
  [alice, bob] = [await node.newAgent(), await node.newAgent()];
});

afterAll(() => node.close());

async function rowsOf(agent: AgentPubKey): Promise<number> {
  const sql = `select (select count(*) from pin where holder = $1) + (select count(*) from action where author = $1)
    + (select count(*) from outbox where holder = $1) + (select count(*) from integrated_record where holder = $1) as rows`;
  const [row] = await node.context.db.query<{ rows: string }[]>(sql, [fromBase64Url(agent)]);
  return Number(row?.rows);
}

describe.each(STRATEGY_NAMES)('pins on %s', (strategy) => {
  const acts = pinActs(() => node, strategy);
  const { bring, isPending, isPinned, state } = acts;
  const delivered = (): Promise<MessageId> => acts.delivered([alice, bob]);

  it('are in the outbox from their commit on, and not after they were brought', async () => {
    const message = await delivered();
    const pin = await state(bob, message, true);
    expect([await isPending(bob, pin), await isPinned(bob, message)]).toEqual([true, true]);
    expect(await isPinned(alice, message)).toBe(false);

    expect(await bring(bob, pin)).toBe('done');
    expect([await isPending(bob, pin), await isPinned(alice, message)]).toEqual([false, true]);
  });

  it('are said once: a repeat is the same statement, and leaves nothing on either side', async () => {
    const message = await delivered();
    const pin = await state(alice, message, true);
    await bring(alice, pin);
    const before = [await rowsOf(alice), await rowsOf(bob)];

    expect(await state(alice, message, true)).toBe(pin);
    expect(await isPending(alice, pin)).toBe(true);
    expect(await bring(alice, pin)).toBe('done');
    expect(await node.strategies[strategy].pins.pin({ holder: bob, message }, true)).toBeNull();
    expect([await rowsOf(alice), await rowsOf(bob)]).toEqual(before);
  });

  it('leave the step of a later statement alone when an earlier one is brought late', async () => {
    const message = await delivered();
    const [first, second] = [await state(alice, message, true), await state(alice, message, false)];
    const third = await state(alice, message, true);
    await bring(alice, third);
    await bring(alice, first);
    expect([await isPending(alice, first), await isPending(alice, second)]).toEqual([false, true]);
    await bring(alice, second);

    expect([await isPinned(alice, message), await isPinned(bob, message)]).toEqual([true, true]);
  });

  it('wait with their maker while the peer does not have the message, and end when it is deleted', async () => {
    const { message } = await node.save(strategy, [alice, bob]);
    const pin = await state(alice, message, true);
    expect(await bring(alice, pin)).toBe('postponed');
    expect(await isPending(alice, pin)).toBe(true);

    await node.strategies[strategy].remove({ holder: alice, message });
    expect(await bring(alice, pin)).toBe('done');
    expect(await isPending(alice, pin)).toBe(false);
  });

  it('are all there or not at all when the commit fails', async () => {
    const message = await delivered();
    const before = await rowsOf(alice);
    node.commitFaults.set([{ fault: { kind: 'commit-fails' }, step: 'pin', times: 1 }]);

    await expect(state(alice, message, true)).rejects.toThrow();
    expect([await rowsOf(alice), await isPinned(alice, message)]).toEqual([before, false]);
    expect(await state(alice, message, true)).toBeDefined();
  });

  it('are later than what the maker knows, also after a clock that was ahead', async () => {
    const message = await delivered();
    node.clock.set(3600);
    const ahead = await state(bob, message, true);
    await bring(bob, ahead);
    node.clock.set(-3600);
    const later = await state(alice, message, false);
    await bring(alice, later);

    expect([await isPinned(alice, message), await isPinned(bob, message)]).toEqual([false, false]);
  });
});

describe.each(CALLED)('pins on %s', (strategy) => {
  const pins = (): PinCarrier => node.strategies[strategy].pins;
  const messages = (): MessageReader => node.strategies[strategy].messages;

  async function delivered(): Promise<MessageId> {
    const step = await node.save(strategy, [alice, bob]);
    await node.attempts.first(alice, step);
    return step.message;
  }

  it('are taken once when the reply is lost after the commit', async () => {
    const message = await delivered();
    const pin = await pins().pin({ holder: alice, message }, true);
    if (pin === null) throw new Error('nothing was said');
    const step = { strategy, message: pin, step: 'pin' } as const;
    node.faults.set([{ fault: { kind: 'reply-lost' }, to: bob, times: 1 }]);
    expect(await node.attempts.first(alice, step)).toMatchObject({ kind: 'postponed' });
    expect((await messages().find({ holder: bob, message })).pinned).toBe(true);
    const before = await rowsOf(bob);

    expect(await node.attempts.retry(alice, step)).toMatchObject({ kind: 'done' });
    expect(await rowsOf(bob)).toBe(before);
  });

  it('are refused without a word where their maker may not write, and nothing is written', async () => {
    const message = await delivered();
    await node.context.writers.block(bob, alice);
    const before = await rowsOf(bob);
    const pin = await pins().pin({ holder: alice, message }, true);
    if (pin === null) throw new Error('nothing was said');
    const step = { strategy, message: pin, step: 'pin' } as const;

    expect(await node.attempts.first(alice, step)).toMatchObject({ kind: 'failed' });
    expect(await rowsOf(bob)).toBe(before);
    expect(await node.outbox.find(node.keyring.keysOf(alice), step)).toBeNull();

    await node.context.writers.unblock(bob, alice);
    expect(await pins().pin({ holder: alice, message }, true)).toBe(pin);
    expect(await node.attempts.first(alice, step)).toMatchObject({ kind: 'done' });
    expect((await messages().find({ holder: bob, message })).pinned).toBe(true);
  });

  it('come in the end over a network that loses replies and calls', async () => {
    const message = await delivered();
    // A reply is lost, a call does not leave, and the next one comes through.
    const turns = [0, 1, 0, 1, 1];
    node.faults.set(
      [
        { fault: { kind: 'reply-lost' }, probability: 0.5 },
        { fault: { kind: 'not-sent' }, probability: 0.5 },
      ],
      () => {
        const turn = turns.shift() ?? 1;
        turns.push(turn);
        return turn;
      },
    );
    for (let word = 0; word < 13; word += 1) {
      const [by, peer] = word % 3 === 0 ? [alice, bob] : [bob, alice];
      const pinned = word % 2 === 0;
      const pin = await pins().pin({ holder: by, message }, pinned);
      if (pin === null) throw new Error('nothing was said');
      const step = { strategy, message: pin, step: 'pin' } as const;
      let ended = await node.attempts.first(by, step);
      while (ended.kind === 'postponed') ended = await node.attempts.retry(by, step);
      expect(ended.kind).toBe('done');
      expect((await messages().find({ holder: peer, message })).pinned === true).toBe(pinned);
    }
  });
});
