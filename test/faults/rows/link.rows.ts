import { expect } from '@jest/globals';
import { type FaultRow } from '../fault-row.js';
import { type Sent } from '../sent.js';
import { hide, rowsOf, shown } from '../stored.js';
import { type Testbed } from '../testbed.js';

/** Alice's message to Bob, of which the authorities show only one half; Bob has read his mailbox since. */
async function halfShown(
  testbed: Testbed,
  missing: 'dht_entry' | 'dht_link',
): Promise<{ readonly sent: Sent; readonly show: () => Promise<void> }> {
  const [alice, bob] = await testbed.pair();
  await testbed.deliver(alice, bob);
  await testbed.goOffline(bob);
  const known = await shown(testbed, missing);
  const sent = await testbed.save(alice, bob);
  await testbed.attempt(sent);
  const hidden = await hide(testbed, missing, known);
  await testbed.goOnline(bob);
  // What comes after it is not held up, and shows that the mailbox was read.
  await testbed.deliver(alice, bob);
  expect(await rowsOf(testbed, bob, sent.message)).toEqual({ messages: 0, receipts: 0 });
  expect(await testbed.status(sent)).toBe('saved');
  return { sent, show: () => hidden.show() };
}

const outOfOrder: FaultRow = {
  fault: 'F15',
  title: 'A link is visible before its entry, or the reverse',
  cells: {
    'source-chain': 'there are no links: the call carries the whole message',
    'pairwise-dht': {
      'accepts records in the wrong order': async (testbed) => {
        const [alice, bob] = await testbed.pair();
        const [first, second] = [await testbed.save(alice, bob), await testbed.save(alice, bob)];

        await testbed.attempt(second);
        const between = await rowsOf(testbed, bob, first.message);
        await testbed.attempt(first);

        expect(between).toEqual({ messages: 0, receipts: 0 });
        expect([await testbed.status(first), await testbed.status(second)]).toEqual([
          'delivered',
          'delivered',
        ]);
      },
    },
    'global-dht': {
      'waits for a missing entry, and accepts it later': async (testbed) => {
        const { sent, show } = await halfShown(testbed, 'dht_entry');

        await show();
        await testbed.deliver(sent.author, sent.recipient);

        await testbed.untilStatus(sent, 'delivered');
      },

      'accepts a link that becomes visible after later ones of its author': async (testbed) => {
        const { sent, show } = await halfShown(testbed, 'dht_link');

        await show();
        await testbed.deliver(sent.author, sent.recipient);

        await testbed.untilStatus(sent, 'delivered');
      },
    },
  },
};

export const linkRows: readonly FaultRow[] = [outOfOrder];
