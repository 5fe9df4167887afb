import { expect } from '@jest/globals';
import { FIVE_ATTEMPTS } from '@musubi/delivery';
import { type AgentPubKey } from '@musubi/messaging';
import { until, untilEqual } from '../../support/until.js';
import { type FaultCase, type FaultRow, byCall } from '../fault-row.js';
import { callsThatBring } from '../remote-functions.js';
import { type Sent } from '../sent.js';
import { rowsOf } from '../stored.js';
import { type World } from '../world.js';
import { expectTombstone } from './reading.rows.js';

/** Two agents of a process with little patience. */
async function impatientPair(world: World): Promise<readonly [AgentPubKey, AgentPubKey]> {
  const node = await world.openBeside({ patience: FIVE_ATTEMPTS });
  return [await world.newAgent(node), await world.newAgent(node)];
}

/** Attempts until the outbox gives up. */
async function exhaust(world: World, sent: Sent): Promise<void> {
  while ((await world.outboxKey(sent))?.isFailed === false) await world.attempt(sent);
  expect(await world.outboxKey(sent)).toMatchObject({ attempt: 5, isFailed: true });
}

const deletedBeforeSent: FaultCase = async (world) => {
  const [alice, bob] = await world.pair();
  const sent = await world.save(alice, bob);

  await world.at(alice).remove({ holder: alice, message: sent.message });

  expect(await world.outboxKey(sent)).toBeNull();
  await world.untilDelivered(await world.save(alice, bob));
  expect(await rowsOf(world, bob, sent.message)).toEqual({ messages: 0, receipts: 0 });
};

/** Bob has it, and Alice never hears so. */
async function deliveredUnheard(world: World): Promise<Sent> {
  const [alice, bob] = await impatientPair(world);
  const { faults } = world.home(alice);
  const fns = [callsThatBring(world.strategy), `${world.strategy}/get_receipt`];
  faults.set(fns.map((fn) => ({ fault: { kind: 'reply-lost' }, fn })));
  const sent = await world.save(alice, bob);
  await exhaust(world, sent);
  faults.set([]);
  expect([await world.status(sent), await world.status(sent, bob)]).toEqual(['saved', 'delivered']);
  return sent;
}

/** Runs while nothing can be published. */
async function withoutDht(world: World, work: () => Promise<void>): Promise<void> {
  const { dataSource } = world.database;
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
      'keeps the tombstone, and stores the receipt': async (world) => {
        const sent = await deliveredUnheard(world);
        const { author, recipient, message } = sent;
        await world.at(author).remove({ holder: author, message });

        await world.at(recipient).sendReceipt({ holder: recipient, message });

        await expectTombstone(world, sent, 2);
      },

      'lets a late receipt override a failure': async (world) => {
        const sent = await deliveredUnheard(world);
        const { recipient, message } = sent;

        await world.at(recipient).sendReceipt({ holder: recipient, message });

        expect(await world.status(sent)).toBe('delivered');
        expect(await world.outboxKey(sent)).toBeNull();
      },

      'never sends a message that is deleted before it was sent': deletedBeforeSent,
    }),
    'global-dht': {
      'keeps the tombstone, and stores the receipt': async (world) => {
        const [alice, bob] = await world.pair();
        await world.goOffline(bob);
        const sent = await world.save(alice, bob);
        await world.attempt(sent);
        await world.at(alice).remove({ holder: alice, message: sent.message });

        await world.goOnline(bob);

        await until(() => expectTombstone(world, sent, 2));
      },

      'gives up when nothing can be published, and starts again when its author asks': async (world) => {
        const [alice, bob] = await impatientPair(world);
        const sent = await world.save(alice, bob);
        await withoutDht(world, () => exhaust(world, sent));

        const outboxKey = { strategy: world.strategy, message: sent.message, step: 'send' } as const;
        await world.home(alice).outbox.renew(world.keysOf(alice), outboxKey);
        await world.attempt(sent);

        await world.untilStatus(sent, 'delivered');
        await untilEqual('delivered', () => world.status(sent, bob));
      },

      'never sends a message that is deleted before it was sent': deletedBeforeSent,
    },
  },
};

export const endingRows: readonly FaultRow[] = [spent];
