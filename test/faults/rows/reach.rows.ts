import { expect } from '@jest/globals';
import { FIVE_ATTEMPTS } from '@musubi/delivery';
import { type AgentPubKey } from '@musubi/messaging';
import { untilEqual } from '../../support/until.js';
import { type FaultRow, byCall, everywhere } from '../fault-row.js';
import { callsThatBring } from '../remote-functions.js';
import { type Sent } from '../sent.js';
import { owedSteps, shown } from '../stored.js';
import { type Testbed } from '../testbed.js';

const DAY_S = 86_400;

/** One attempt. @returns that it is followed by a wait of so many seconds, or by another one */
async function waitAfterAttempt(testbed: Testbed, sent: Sent, seconds: number): Promise<number> {
  const { clock } = testbed.home(sent.author);
  const begun = clock.now();
  await testbed.attempt(sent);
  const ended = clock.now();
  const dueAt = (await testbed.outboxKey(sent))?.dueAt ?? NaN;
  // The wait began within the attempt, which takes the machine's time.
  const [least, most] = [dueAt - ended, dueAt - begun].map((us) => us / 1_000_000) as [number, number];
  return Math.min(Math.max(seconds, least), most);
}

/** As many attempts, and after each of them that wait. */
async function expectWaits(testbed: Testbed, sent: Sent, expected: readonly number[]): Promise<void> {
  const waits: number[] = [];
  for (const seconds of expected) waits.push(await waitAfterAttempt(testbed, sent, seconds));
  expect(waits).toEqual(expected);
}

/** The messages of which the author is told that their delivery has failed. */
function failuresTold(testbed: Testbed, author: AgentPubKey): readonly (string | undefined)[] {
  const told: (string | undefined)[] = [];
  testbed.home(author).signals.subscribe(author, ({ type, message }) => {
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
        async (testbed) => {
          const [alice, bob] = await testbed.pair();
          const told = failuresTold(testbed, alice);
          const sent = await testbed.save(alice, bob);
          await testbed.goOffline(bob);

          await expectWaits(testbed, sent, [2.5, 4.5, 8.5, 16.5, 33, 66, 132, 264, 309.375, 309.375]);
          testbed.node.clock.advance(20 * DAY_S);
          await testbed.attempt(sent);
          expect(await testbed.outboxKey(sent)).toMatchObject({ attempt: 11, isFailed: false });

          await testbed.goOnline(bob);
          testbed.drain();
          await testbed.untilStatus(sent, 'delivered');
          expect(told).toEqual([]);
        },

      'gives up after five attempts where that is the patience, and starts again when its author asks':
        async (testbed) => {
          const node = await testbed.another({ patience: FIVE_ATTEMPTS });
          const [alice, bob] = [await testbed.newAgent(node), await testbed.newAgent()];
          const told = failuresTold(testbed, alice);
          const sent = await testbed.save(alice, bob);
          await testbed.goOffline(bob);

          await expectWaits(testbed, sent, [2.5, 4.5, 8.5, 16.5]);
          await testbed.attempt(sent);

          const work = await testbed.outboxKey(sent);
          expect(work).toMatchObject({ attempt: 5, isFailed: true, lastError: 'recipient-unreachable' });
          expect([await testbed.status(sent), told]).toEqual(['saved', [sent.message]]);
          await testbed.goOnline(bob);
          await node.outbox.renew(testbed.keysOf(alice), {
            ...sent,
            strategy: testbed.strategy,
            step: 'send',
          });
          await testbed.untilDelivered(sent);
        },

      'delivers when the recipient returns before the second attempt': async (testbed) => {
        const [alice, bob] = await testbed.pair();
        await testbed.goOffline(bob);
        const sent = await testbed.save(alice, bob);

        expect(await testbed.attempt(sent)).toMatchObject({ kind: 'postponed' });
        await testbed.goOnline(bob);

        await testbed.untilDelivered(sent);
      },
    }),
    'global-dht': {
      'is no fault: the message waits in the mailbox until the recipient returns': async (testbed) => {
        const [alice, bob] = await testbed.pair();
        await testbed.goOffline(bob);
        const sent = await testbed.save(alice, bob);

        expect(await testbed.attempt(sent)).toMatchObject({ kind: 'handed-over' });
        expect(await testbed.status(sent)).toBe('saved');
        await testbed.goOnline(bob);

        await testbed.untilStatus(sent, 'delivered');
      },
    },
  },
};

const replyLost: FaultRow = {
  fault: 'F6',
  title: 'The reply is lost after the recipient committed',
  cells: {
    ...byCall({
      'asks the recipient before it sends again, and only confirms': async (testbed) => {
        const [alice, bob] = await testbed.pair();
        const fn = callsThatBring(testbed.strategy);
        testbed.node.faults.set([{ fault: { kind: 'reply-lost' }, fn, times: 1 }]);
        const sent = await testbed.save(alice, bob);

        expect(await testbed.attempt(sent)).toMatchObject({ kind: 'postponed' });
        expect((await testbed.outboxKey(sent))?.lastError).toBe('remote-call-unknown');
        expect([await testbed.status(sent), await testbed.status(sent, bob)]).toEqual(['saved', 'delivered']);

        // Whatever were sent again now would be refused for good.
        const refused = { kind: 'refused', code: 'invalid-message', retryable: false } as const;
        testbed.node.faults.set([{ fault: refused, fn }]);
        await testbed.untilDelivered(sent);
      },
    }),
    'global-dht': {
      'finds the receipt in its mailbox when the push is lost, and publishes nothing again': async (
        testbed,
      ) => {
        const [alice, bob] = await testbed.pair();
        await testbed.deliver(alice, bob);
        const sent = await testbed.save(alice, bob);
        testbed.node.commits.atCommit = ({ step }) => {
          if (step === 'accept') testbed.node.signals.areLost = true;
          return Promise.resolve();
        };
        await testbed.attempt(sent);
        await testbed.untilStatus(sent, 'delivered', bob);
        await untilEqual(0, () => owedSteps(testbed));
        const letters = (await shown(testbed, 'dht_entry')).size;

        const between = await testbed.status(sent);
        await testbed.at(alice).probe({ holder: alice, message: sent.message });

        expect([between, await testbed.status(sent)]).toEqual(['saved', 'delivered']);
        expect((await shown(testbed, 'dht_entry')).size).toBe(letters);
      },
    },
  },
};

const duplicates: FaultRow = {
  fault: 'F8',
  title: 'A message arrives twice: a retry races the first attempt',
  cells: everywhere({
    'is one message with one receipt, for any number of simultaneous calls': async (testbed) => {
      const [alice, bob] = await testbed.pair();
      testbed.node.faults.set([{ fault: { kind: 'duplicate' } }]);
      const sent = await testbed.save(alice, bob);
      const work = await testbed.outboxKey(sent);
      if (work === null) throw new Error('nothing is pending');

      await Promise.all([1, 2, 3].map(() => testbed.node.attempts.make(work)));

      await testbed.untilStatus(sent, 'delivered');
      const [here, there] = [await testbed.find(sent), await testbed.find(sent, bob)];
      expect(there.receipts).toEqual(here.receipts);
    },

    'is stored once when two workers share one outbox and every call arrives twice': async (testbed) => {
      const [alice, bob] = await testbed.pair();
      testbed.node.faults.set([{ fault: { kind: 'duplicate' } }]);
      const all = await Promise.all(Array.from({ length: 10 }, () => testbed.save(alice, bob)));
      testbed.node.startWorker();

      await testbed.untilDelivered(...all);
    },
  }),
};

export const reachRows: readonly FaultRow[] = [recipientOffline, replyLost, duplicates];
