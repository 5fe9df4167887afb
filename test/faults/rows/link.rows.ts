import { expect } from '@jest/globals';
import { type FaultRow } from '../fault-row.js';
import { type Sent } from '../sent.js';
import { hide, rowsOf, shown } from '../stored.js';
import { type World } from '../world.js';

/** Alice's message to Bob, of which the authorities show only one half; Bob has read his mailbox since. */
async function halfShown(
  world: World,
  missing: 'dht_entry' | 'dht_link',
): Promise<{ readonly sent: Sent; readonly show: () => Promise<void> }> {
  const [alice, bob] = await world.pair();
  await world.deliver(alice, bob);
  await world.goOffline(bob);
  const known = await shown(world, missing);
  const sent = await world.save(alice, bob);
  await world.attempt(sent);
  const hidden = await hide(world, missing, known);
  await world.goOnline(bob);
  // What comes after it is not held up, and shows that the mailbox was read.
  await world.deliver(alice, bob);
  expect(await rowsOf(world, bob, sent.message)).toEqual({ messages: 0, receipts: 0 });
  expect(await world.status(sent)).toBe('saved');
  return { sent, show: () => hidden.show() };
}

const outOfOrder: FaultRow = {
  fault: 'F15',
  title: 'A link is visible before its entry, or the reverse',
  cells: {
    'source-chain': 'there are no links: the call carries the whole message',
    'pairwise-dht': {
      'accepts records in the wrong order': async (world) => {
        const [alice, bob] = await world.pair();
        const [first, second] = [await world.save(alice, bob), await world.save(alice, bob)];

        await world.attempt(second);
        const between = await rowsOf(world, bob, first.message);
        await world.attempt(first);

        expect(between).toEqual({ messages: 0, receipts: 0 });
        expect([await world.status(first), await world.status(second)]).toEqual(['delivered', 'delivered']);
      },
    },
    'global-dht': {
      'waits for a missing entry, and accepts it later': async (world) => {
        const { sent, show } = await halfShown(world, 'dht_entry');

        await show();
        await world.deliver(sent.author, sent.recipient);

        await world.untilStatus(sent, 'delivered');
      },

      'accepts a link that becomes visible after later ones of its author': async (world) => {
        const { sent, show } = await halfShown(world, 'dht_link');

        await show();
        await world.deliver(sent.author, sent.recipient);

        await world.untilStatus(sent, 'delivered');
      },
    },
  },
};

export const linkRows: readonly FaultRow[] = [outOfOrder];
