import { expect } from '@jest/globals';
import { FIVE_ATTEMPTS } from '@musubi/delivery';
import { type AgentPubKey } from '@musubi/messaging';
import { untilEqual } from '../../support/until.js';
import { type FaultRow, byCall, everywhere } from '../fault-row.js';
import { callsThatBring } from '../remote-functions.js';
import { type Sent } from '../sent.js';
import { owedSteps, shown } from '../stored.js';
import { type World } from '../world.js';

const DAY_S = 86_400;

/** So many attempts at most, until the outbox gives up. @returns the whole seconds that it waited after each */
async function waitsAfter(world: World, sent: Sent, attempts = Infinity): Promise<readonly number[]> {
  const waits: number[] = [];
  const { clock } = world.home(sent.author);
  while (waits.length < attempts) {
    const begun = clock.now();
    await world.attempt(sent);
    const work = await world.outboxKey(sent);
    if (work === null || work.isFailed) return waits;
    waits.push(Math.floor((work.dueAt - begun) / 1_000_000));
  }
  return waits;
}

/** The messages of which the author is told that their delivery has failed. */
function failuresTold(world: World, author: AgentPubKey): readonly (string | undefined)[] {
  const told: (string | undefined)[] = [];
  world.home(author).signals.subscribe(author, ({ type, message }) => {
    if (type === 'delivery-failed') told.push(message);
  });
  return told;
}

const recipientOffline: FaultRow = {
  fault: 'F3',
  title: 'The recipient is offline',
  cells: {
    ...byCall({
      'waits (2ⁿ + U) s after attempt n, up to some 5 minutes, and delivers at once when the recipient returns after 20 days':
        async (world) => {
          const [alice, bob] = await world.pair();
          const told = failuresTold(world, alice);
          const sent = await world.save(alice, bob);
          await world.goOffline(bob);

          expect(await waitsAfter(world, sent, 10)).toEqual([2, 4, 8, 16, 33, 66, 132, 264, 309, 309]);
          world.node.clock.advance(20 * DAY_S);
          await world.attempt(sent);
          expect(await world.outboxKey(sent)).toMatchObject({ attempt: 11, isFailed: false });

          await world.goOnline(bob);
          world.drain();
          await world.untilStatus(sent, 'delivered');
          expect(told).toEqual([]);
        },

      'gives up after five attempts where that is the patience, and starts again when its author asks':
        async (world) => {
          const node = await world.openBeside({ patience: FIVE_ATTEMPTS });
          const [alice, bob] = [await world.newAgent(node), await world.newAgent(node)];
          const told = failuresTold(world, alice);
          const sent = await world.save(alice, bob);
          await world.goOffline(bob);

          expect(await waitsAfter(world, sent)).toEqual([2, 4, 8, 16]);

          const work = await world.outboxKey(sent);
          expect(work).toMatchObject({ attempt: 5, isFailed: true, lastError: 'recipient-unreachable' });
          expect([await world.status(sent), told]).toEqual(['saved', [sent.message]]);
          await world.goOnline(bob);
          await node.outbox.renew(world.keysOf(alice), { ...sent, strategy: world.strategy, step: 'send' });
          await world.untilDelivered(sent);
        },

      'delivers when the recipient returns before the second attempt': async (world) => {
        const [alice, bob] = await world.pair();
        await world.goOffline(bob);
        const sent = await world.save(alice, bob);

        expect(await world.attempt(sent)).toMatchObject({ kind: 'postponed' });
        await world.goOnline(bob);

        await world.untilDelivered(sent);
      },
    }),
    'global-dht': {
      'is no fault: the message waits in the mailbox until the recipient returns': async (world) => {
        const [alice, bob] = await world.pair();
        await world.goOffline(bob);
        const sent = await world.save(alice, bob);

        expect(await world.attempt(sent)).toMatchObject({ kind: 'handed-over' });
        expect(await world.status(sent)).toBe('saved');
        await world.goOnline(bob);

        await world.untilStatus(sent, 'delivered');
      },
    },
  },
};

const replyLost: FaultRow = {
  fault: 'F6',
  title: 'The reply is lost after the recipient committed',
  cells: {
    ...byCall({
      'asks the recipient before it sends again, and only confirms': async (world) => {
        const [alice, bob] = await world.pair();
        const fn = callsThatBring(world.strategy);
        world.node.faults.set([{ fault: { kind: 'reply-lost' }, fn, times: 1 }]);
        const sent = await world.save(alice, bob);

        expect(await world.attempt(sent)).toMatchObject({ kind: 'postponed' });
        expect((await world.outboxKey(sent))?.lastError).toBe('remote-call-unknown');
        expect([await world.status(sent), await world.status(sent, bob)]).toEqual(['saved', 'delivered']);

        // Whatever were sent again now would be refused for good.
        const refused = { kind: 'refused', code: 'invalid-message', retryable: false } as const;
        world.node.faults.set([{ fault: refused, fn }]);
        await world.untilDelivered(sent);
      },
    }),
    'global-dht': {
      'finds the receipt in its mailbox when the push is lost, and publishes nothing again': async (
        world,
      ) => {
        const [alice, bob] = await world.pair();
        await world.deliver(alice, bob);
        const sent = await world.save(alice, bob);
        world.node.commits.atCommit = ({ step }) => {
          if (step === 'accept') world.node.signals.areLost = true;
          return Promise.resolve();
        };
        await world.attempt(sent);
        await world.untilStatus(sent, 'delivered', bob);
        await untilEqual(0, () => owedSteps(world));
        const letters = (await shown(world, 'dht_entry')).size;

        const between = await world.status(sent);
        await world.at(alice).probe({ holder: alice, message: sent.message });

        expect([between, await world.status(sent)]).toEqual(['saved', 'delivered']);
        expect((await shown(world, 'dht_entry')).size).toBe(letters);
      },
    },
  },
};

const duplicates: FaultRow = {
  fault: 'F8',
  title: 'A message arrives twice: a retry races the first attempt',
  cells: everywhere({
    'is one message with one receipt, for any number of simultaneous calls': async (world) => {
      const [alice, bob] = await world.pair();
      world.node.faults.set([{ fault: { kind: 'duplicate' } }]);
      const sent = await world.save(alice, bob);
      const work = await world.outboxKey(sent);
      if (work === null) throw new Error('nothing is pending');

      await Promise.all([1, 2, 3].map(() => world.node.attempts.make(work)));

      await world.untilStatus(sent, 'delivered');
      const [here, there] = [await world.find(sent), await world.find(sent, bob)];
      expect(there.receipts).toEqual(here.receipts);
    },

    'is stored once when two workers share one outbox and every call arrives twice': async (world) => {
      const [alice, bob] = await world.pair();
      world.node.faults.set([{ fault: { kind: 'duplicate' } }]);
      const all = await Promise.all(Array.from({ length: 10 }, () => world.save(alice, bob)));
      world.node.startWorker();

      await world.untilDelivered(...all);
    },
  }),
};

export const reachRows: readonly FaultRow[] = [recipientOffline, replyLost, duplicates];
