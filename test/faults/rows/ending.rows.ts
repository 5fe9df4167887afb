import { expect } from '@jest/globals';
import { FIVE_ATTEMPTS } from '@musubi/delivery';
import { type AgentPubKey } from '@musubi/messaging';
import { until, untilEqual } from '../../support/until.js';
import { type FaultCase, type FaultRow, byCall } from '../fault-row.js';
import { callsThatBring } from '../remote-functions.js';
import { type Sent } from '../sent.js';
import { rowsOf } from '../stored.js';
import { type Testbed } from '../testbed.js';
import { expectTombstone } from './reading.rows.js';

/** The first one is on a process with little patience. */
async function impatientPair(testbed: Testbed): Promise<readonly [AgentPubKey, AgentPubKey]> {
  const node = await testbed.another({ patience: FIVE_ATTEMPTS });
  return [await testbed.newAgent(node), await testbed.newAgent()];
}

/** Attempts until the outbox gives up. */
async function exhaust(testbed: Testbed, sent: Sent): Promise<void> {
  while ((await testbed.outboxKey(sent))?.isFailed === false) await testbed.attempt(sent);
  expect(await testbed.outboxKey(sent)).toMatchObject({ attempt: 5, isFailed: true });
}

const deletedBeforeSent: FaultCase = async (testbed) => {
  const [alice, bob] = await testbed.pair();
  const sent = await testbed.save(alice, bob);

  await testbed.at(alice).remove({ holder: alice, message: sent.message });

  expect(await testbed.outboxKey(sent)).toBeNull();
  await testbed.untilDelivered(await testbed.save(alice, bob));
  expect(await rowsOf(testbed, bob, sent.message)).toEqual({ messages: 0, receipts: 0 });
};

/** Bob has it, and Alice never hears so. */
async function deliveredUnheard(testbed: Testbed): Promise<Sent> {
  const [alice, bob] = await impatientPair(testbed);
  const { faults } = testbed.home(alice);
  const fns = [callsThatBring(testbed.strategy), `${testbed.strategy}/get_receipt`];
  faults.set(fns.map((fn) => ({ fault: { kind: 'reply-lost' }, fn })));
  const sent = await testbed.save(alice, bob);
  await exhaust(testbed, sent);
  faults.set([]);
  expect([await testbed.status(sent), await testbed.status(sent, bob)]).toEqual(['saved', 'delivered']);
  return sent;
}

/** Runs while nothing can be published. */
async function withoutDht(testbed: Testbed, work: () => Promise<void>): Promise<void> {
  const { dataSource } = testbed.database;
  await dataSource.query('alter table dht_entry rename to dht_entry_away');
  try {
    await work();
  } finally {
    await dataSource.query('alter table dht_entry_away rename to dht_entry');
  }
}

const spent: FaultRow = {
  fault: 'F13',
  title: 'The patience is over, the author deletes, and then a receipt arrives',
  cells: {
    ...byCall({
      'keeps the tombstone, and stores the receipt': async (testbed) => {
        const sent = await deliveredUnheard(testbed);
        const { author, recipient, message } = sent;
        await testbed.at(author).remove({ holder: author, message });

        await testbed.at(recipient).sendReceipt({ holder: recipient, message });

        await expectTombstone(testbed, sent, 2);
      },

      'lets a late receipt override a failure': async (testbed) => {
        const sent = await deliveredUnheard(testbed);
        const { recipient, message } = sent;

        await testbed.at(recipient).sendReceipt({ holder: recipient, message });

        expect(await testbed.status(sent)).toBe('delivered');
        expect(await testbed.outboxKey(sent)).toBeNull();
      },

      'never sends a message that is deleted before it was sent': deletedBeforeSent,
    }),
    'global-dht': {
      'keeps the tombstone, and stores the receipt': async (testbed) => {
        const [alice, bob] = await testbed.pair();
        await testbed.goOffline(bob);
        const sent = await testbed.save(alice, bob);
        await testbed.attempt(sent);
        await testbed.at(alice).remove({ holder: alice, message: sent.message });

        await testbed.goOnline(bob);

        await until(() => expectTombstone(testbed, sent, 2));
      },

      'gives up when nothing can be published, and starts again when its author asks': async (testbed) => {
        const [alice, bob] = await impatientPair(testbed);
        const sent = await testbed.save(alice, bob);
        await withoutDht(testbed, () => exhaust(testbed, sent));

        const outboxKey = { strategy: testbed.strategy, message: sent.message, step: 'send' } as const;
        await testbed.home(alice).outbox.renew(testbed.keysOf(alice), outboxKey);
        await testbed.attempt(sent);

        await testbed.untilStatus(sent, 'delivered');
        await untilEqual('delivered', () => testbed.status(sent, bob));
      },

      'never sends a message that is deleted before it was sent': deletedBeforeSent,
    },
  },
};

export const endingRows: readonly FaultRow[] = [spent];
