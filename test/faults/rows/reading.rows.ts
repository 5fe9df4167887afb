import { expect } from '@jest/globals';
import { MessageDeletedError } from '@musubi/messaging';
import { untilEqual } from '../../support/until.js';
import { type FaultRow, byCall, everywhere } from '../fault-row.js';
import { callsThatBring } from '../remote-functions.js';
import { type Sent } from '../sent.js';
import { hide, owedSteps, rowsOf, shown } from '../stored.js';
import { type Testbed } from '../testbed.js';

const ALL = ['saved', 'delivered', 'read'];

async function statuses(testbed: Testbed, sent: Sent): Promise<readonly string[]> {
  return (await testbed.find(sent)).receipts.map(({ status }) => status);
}

const readBeforeDelivered: FaultRow = {
  fault: 'F9',
  title: 'READ arrives before DELIVERED',
  cells: {
    ...byCall({
      'is read, and stays so when DELIVERED comes late': async (testbed) => {
        const [alice, bob] = await testbed.pair();
        const fn = callsThatBring(testbed.strategy);
        testbed.node.faults.set([{ fault: { kind: 'reply-lost' }, fn, times: 1 }]);
        const sent = await testbed.save(alice, bob);
        await testbed.attempt(sent);
        await testbed.at(bob).read({ holder: bob, message: sent.message });
        await testbed.attempt(sent, 'read');
        const early = await statuses(testbed, sent);
        const [, delivered] = (await testbed.find(sent, bob)).receipts;
        if (delivered === undefined) throw new Error('Bob has no delivered receipt');

        await testbed.at(alice).confirm(alice, delivered);

        expect(early).toEqual(['saved', 'read']);
        expect([await testbed.status(sent), await statuses(testbed, sent)]).toEqual(['read', ALL]);
      },
    }),
    'global-dht': {
      'is read, and stays so when the link to DELIVERED is seen late': async (testbed) => {
        const [alice, bob] = await testbed.pair();
        await testbed.deliver(alice, bob);
        const sent = await testbed.save(alice, bob);
        const links = await shown(testbed, 'dht_link');
        // Bob takes it once Alice is gone, so that she does not hear of it.
        await testbed.goOffline(bob);
        await testbed.attempt(sent);
        await testbed.goOffline(alice);
        await testbed.goOnline(bob);
        await testbed.untilStatus(sent, 'delivered', bob);
        await untilEqual(0, () => owedSteps(testbed));
        const hidden = await hide(testbed, 'dht_link', links);
        await testbed.at(bob).read({ holder: bob, message: sent.message });
        await testbed.attempt(sent, 'read');

        await testbed.goOnline(alice);
        await testbed.untilStatus(sent, 'read');
        const early = await statuses(testbed, sent);
        await hidden.show();
        await testbed.at(alice).probe({ holder: alice, message: sent.message });

        expect(early).toEqual(['saved', 'read']);
        expect([await testbed.status(sent), await statuses(testbed, sent)]).toEqual(['read', ALL]);
      },
    },
  },
};

const authorOffline: FaultRow = {
  fault: 'F10',
  title: 'The author is offline when the message is read',
  cells: everywhere({
    'gets the receipt when it returns: until then the receipt is in the reader’s outbox': async (testbed) => {
      const [alice, bob] = await testbed.pair();
      const sent = await testbed.deliver(alice, bob);
      await testbed.goOffline(alice);
      await testbed.at(bob).read({ holder: bob, message: sent.message });
      await testbed.attempt(sent, 'read');

      await testbed.goOnline(alice);

      await testbed.passTime(() => testbed.untilStatus(sent, 'read'));
    },
  }),
};

export const readingRows: readonly FaultRow[] = [readBeforeDelivered, authorOffline];

/** What an author has of a message that it deleted. */
export async function expectTombstone(testbed: Testbed, sent: Sent, receipts: number): Promise<void> {
  await expect(testbed.find(sent)).rejects.toThrow(MessageDeletedError);
  expect(await rowsOf(testbed, sent.author, sent.message)).toEqual({ messages: 1, receipts });
}
