import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, type MessageId, STRATEGY_NAMES } from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { deferred } from '../../../test/support/deferred.js';
import { untilEqual } from '../../../test/support/until.js';
import { pinActs } from './support/pin-acts.js';

/** More than a statement may be ahead. */
const TWO_YEARS_S = 2 * 366 * 86_400;

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

/** Whether somebody waits for a row that another transaction has locked. */
async function hasWaiting(): Promise<boolean> {
  const sql = `select exists (select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock') as waits`;
  const [row] = await node.context.db.query<{ waits: boolean }[]>(sql);
  return row?.waits === true;
}

describe.each(STRATEGY_NAMES)('pins on %s', (strategy) => {
  const acts = pinActs(() => node, strategy);
  const { bring, isPending, isPinned, state } = acts;
  const delivered = (): Promise<MessageId> => acts.delivered([alice, bob]);

  it('go again when they are repeated after their step was given up', async () => {
    const impatient = await DeliveryNode.open({ patience: { kind: 'attempts', most: 1 } });
    try {
      const [from, to] = [await impatient.newAgent(), await impatient.newAgent()];
      const step = await impatient.save(strategy, [from, to]);
      const { messages, pins } = impatient.strategies[strategy];
      const ref = { holder: from, message: step.message };
      const pin = await pins.pin(ref, true);
      if (pin === null) throw new Error('nothing was said');
      const pinStep = { strategy, message: pin, step: 'pin' } as const;
      expect(await impatient.attempts.first(from, pinStep)).toEqual({ kind: 'failed' });
      await impatient.attempts.first(from, step);
      await impatient.whenIdle();
      await untilEqual('delivered', async () => (await messages.find(ref)).status);
      const isPinnedThere = async (): Promise<boolean> =>
        (await messages.find({ holder: to, message: step.message })).pinned === true;
      expect(await isPinnedThere()).toBe(false);

      expect(await pins.pin(ref, true)).toBe(pin);
      expect(await impatient.attempts.first(from, pinStep)).toMatchObject({ kind: 'done' });
      await impatient.whenIdle();
      expect(await isPinnedThere()).toBe(true);
    } finally {
      await impatient.close();
    }
  });

  it.each(['a repeat', 'the opposite', 'the peer'] as const)(
    'agree again by a new word after a clock was two years ahead: by %s',
    async (kind) => {
      const message = await delivered();
      const logged = node.log.lines.length;
      node.clock.set(TWO_YEARS_S);
      const ahead = await state(alice, message, true);
      node.clock.set(-TWO_YEARS_S);
      await bring(alice, ahead);
      expect([await isPending(alice, ahead), await isPinned(bob, message)]).toEqual([false, false]);
      // It does not keep the mailbox from being finished.
      const quarantined = '{"event":"letter-quarantined","code":"pin-ahead"}';
      if (strategy === 'global-dht') expect(node.log.lines.slice(logged)).toContain(quarantined);

      const [by, pinned] = kind === 'the peer' ? [bob, true] : [alice, kind === 'a repeat'];
      const anew = await state(by, message, pinned);
      expect(anew).not.toBe(ahead);
      await bring(by, anew);
      const last = await state(bob, message, !pinned);
      await bring(bob, last);
      expect([await isPinned(alice, message), await isPinned(bob, message)]).toEqual([!pinned, !pinned]);
    },
  );

  it('are hidden when the message is deleted while its first one is being committed', async () => {
    const message = await delivered();
    const [reached, released] = [deferred<undefined>(), deferred<undefined>()];
    node.commits.atCommit = async ({ step }) => {
      if (step !== 'pin') return;
      reached.resolve(undefined);
      await released.promise;
    };
    try {
      const said = state(alice, message, true);
      await reached.promise;
      const removed = node.strategies[strategy].remove({ holder: alice, message });
      await untilEqual(true, hasWaiting);
      released.resolve(undefined);
      await Promise.all([said, removed]);
    } finally {
      node.commits.atCommit = undefined;
      released.resolve(undefined);
    }

    const sql = 'select is_pinned from pin where holder = $1';
    expect(await node.context.db.query(sql, [fromBase64Url(alice)])).toEqual([{ is_pinned: false }]);
  });

  it('do not name their step to who reads the database', async () => {
    const message = await delivered();
    await state(alice, message, true);
    const sql = `select (select count(*)::int from outbox where holder = $1 and step = 'pin') as steps,
      (select count(*)::int from outbox join pin using (holder) where holder = $1 and outbox.key = pin.statement) as named`;
    expect(await node.context.db.query(sql, [fromBase64Url(alice)])).toEqual([{ steps: 1, named: 0 }]);
  });
});
