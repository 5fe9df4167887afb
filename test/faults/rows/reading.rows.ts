import { expect } from '@jest/globals';
import { MessageDeletedError } from '@musubi/messaging';
import { untilEqual } from '../../support/until.js';
import { type FaultRow, byCall, everywhere } from '../fault-row.js';
import { callsThatBring } from '../remote-functions.js';
import { type Sent } from '../sent.js';
import { hide, owedSteps, rowsOf, shown } from '../stored.js';
import { type World } from '../world.js';

const ALL = ['saved', 'delivered', 'read'];

async function statuses(world: World, sent: Sent): Promise<readonly string[]> {
  return (await world.find(sent)).receipts.map(({ status }) => status);
}

const readBeforeDelivered: FaultRow = {
  fault: 'F9',
  title: 'READ arrives before DELIVERED',
  cells: {
    ...byCall({
      'is read, and stays so when DELIVERED comes late': async (world) => {
        const [alice, bob] = await world.pair();
        const fn = callsThatBring(world.strategy);
        world.node.faults.set([{ fault: { kind: 'reply-lost' }, fn, times: 1 }]);
        const sent = await world.save(alice, bob);
        await world.attempt(sent);
        await world.at(bob).read({ holder: bob, message: sent.message });
        await world.attempt(sent, 'read');
        const early = await statuses(world, sent);
        const [, delivered] = (await world.find(sent, bob)).receipts;
        if (delivered === undefined) throw new Error('Bob has no delivered receipt');

        await world.at(alice).confirm(alice, delivered);

        expect(early).toEqual(['saved', 'read']);
        expect([await world.status(sent), await statuses(world, sent)]).toEqual(['read', ALL]);
      },
    }),
    'global-dht': {
      'is read, and stays so when the link to DELIVERED is seen late': async (world) => {
        const [alice, bob] = await world.pair();
        await world.deliver(alice, bob);
        const sent = await world.save(alice, bob);
        const links = await shown(world, 'dht_link');
        // Bob takes it once Alice is gone, so that she does not hear of it.
        await world.goOffline(bob);
        await world.attempt(sent);
        await world.goOffline(alice);
        await world.goOnline(bob);
        await world.untilStatus(sent, 'delivered', bob);
        await untilEqual(0, () => owedSteps(world));
        const hidden = await hide(world, 'dht_link', links);
        await world.at(bob).read({ holder: bob, message: sent.message });
        await world.attempt(sent, 'read');

        await world.goOnline(alice);
        await world.untilStatus(sent, 'read');
        const early = await statuses(world, sent);
        await hidden.show();
        await world.at(alice).probe({ holder: alice, message: sent.message });

        expect(early).toEqual(['saved', 'read']);
        expect([await world.status(sent), await statuses(world, sent)]).toEqual(['read', ALL]);
      },
    },
  },
};

const authorOffline: FaultRow = {
  fault: 'F10',
  title: 'The author is offline when the message is read',
  cells: everywhere({
    'gets the receipt when it returns: until then the receipt is in the reader’s outbox': async (world) => {
      const [alice, bob] = await world.pair();
      const sent = await world.deliver(alice, bob);
      await world.goOffline(alice);
      await world.at(bob).read({ holder: bob, message: sent.message });
      await world.attempt(sent, 'read');

      await world.goOnline(alice);

      await world.passTime(() => world.untilStatus(sent, 'read'));
    },
  }),
};

export const readingRows: readonly FaultRow[] = [readBeforeDelivered, authorOffline];

/** What an author has of a message that it deleted. */
export async function expectTombstone(world: World, sent: Sent, receipts: number): Promise<void> {
  await expect(world.find(sent)).rejects.toThrow(MessageDeletedError);
  expect(await rowsOf(world, sent.author, sent.message)).toEqual({ messages: 1, receipts });
}
