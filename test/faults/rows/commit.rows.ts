import { expect } from '@jest/globals';
import { type FaultRow, byCall, everywhere } from '../fault-row.js';
import { untilLogged } from '../logged.js';
import { callsThatBring } from '../remote-functions.js';
import { whileHeadMoves } from '../second-writer.js';
import { rowsOf, shown } from '../stored.js';
import { type Testbed } from '../testbed.js';

/** Alice here; Bob on a strict node of his own. Both have written to one another. */
async function strictRecipient(testbed: Testbed): ReturnType<Testbed['pair']> {
  const strict = await testbed.another({ ordering: 'strict' });
  const [alice, bob] = [await testbed.newAgent(), await testbed.newAgent(strict)];
  await testbed.deliver(alice, bob);
  await testbed.deliver(bob, alice);
  return [alice, bob];
}

const headMovesAtRecipient: FaultRow = {
  fault: 'F4',
  title: 'The recipient’s head moves while it accepts, under strict ordering',
  cells: {
    ...byCall({
      'is refused with nothing written, and tried again': async (testbed) => {
        const [alice, bob] = await strictRecipient(testbed);
        const sent = await testbed.save(alice, bob);

        const { worked, second } = await whileHeadMoves(testbed, [bob, alice], () => testbed.attempt(sent));

        expect(worked).toEqual({ status: 'fulfilled', value: { kind: 'postponed' } });
        expect((await testbed.outboxKey(sent))?.lastError).toBe('remote-call-refused/head-moved');
        expect(await testbed.status(sent)).toBe('saved');
        expect(await rowsOf(testbed, bob, sent.message)).toEqual({ messages: 0, receipts: 0 });
        await testbed.untilDelivered(sent, second);
      },
    }),
    'global-dht': {
      'is postponed by the recipient, which reads its mailbox again': async (testbed) => {
        const [alice, bob] = await strictRecipient(testbed);
        const sent = await testbed.save(alice, bob);

        const { worked, second } = await whileHeadMoves(testbed, [bob, alice], () => testbed.attempt(sent));

        expect(worked).toEqual({ status: 'fulfilled', value: { kind: 'handed-over' } });
        await untilLogged(testbed.home(bob), 'mailbox-read-failed');
        await testbed.untilDelivered(sent, second);
      },
    },
  },
};

const halfAMessage: FaultRow = {
  fault: 'F5',
  title: 'The recipient fails between the message and its receipt',
  cells: everywhere({
    'stores neither of them when its commit fails at the last moment': async (testbed) => {
      const [alice, bob] = await testbed.pair();
      const sent = await testbed.save(alice, bob);
      const before: unknown[] = [];
      testbed.home(bob).commits.atCommit = async ({ step, agent }) => {
        if (step === 'accept' && agent === bob) before.push(await rowsOf(testbed, bob, sent.message));
      };
      testbed.node.commitFaults.set([
        { fault: { kind: 'commit-fails' }, step: 'accept', agent: bob, times: 1 },
      ]);

      await testbed.attempt(sent);
      await testbed.untilDelivered(sent);

      // Seen from outside at the last moment of the failed commit, and of the one that did not fail.
      const nothing = { messages: 0, receipts: 0 };
      expect(before).toEqual([nothing, nothing]);
      expect(await rowsOf(testbed, bob, sent.message)).toEqual({ messages: 1, receipts: 2 });
    },
  }),
};

const authorCannotConfirm: FaultRow = {
  fault: 'F7',
  title: 'The author fails to commit the delivered receipt',
  cells: {
    ...byCall({
      'stays saved here and delivered there, until it is confirmed': async (testbed) => {
        const [alice, bob] = await testbed.pair();
        const sent = await testbed.save(alice, bob);
        testbed.node.commitFaults.set([{ fault: { kind: 'commit-fails' }, step: 'confirm', times: 1 }]);

        expect(await testbed.attempt(sent)).toMatchObject({ kind: 'postponed' });
        expect([await testbed.status(sent), await testbed.status(sent, bob)]).toEqual(['saved', 'delivered']);

        // Whatever were sent again now would be refused for good.
        const refused = { kind: 'refused', code: 'invalid-message', retryable: false } as const;
        testbed.node.faults.set([{ fault: refused, fn: callsThatBring(testbed.strategy) }]);
        await testbed.untilDelivered(sent);
      },
    }),
    'global-dht': {
      'reads its mailbox again, and nothing is published again': async (testbed) => {
        const [alice, bob] = await testbed.pair();
        const sent = await testbed.save(alice, bob);
        const atConfirm: unknown[] = [];
        testbed.node.commits.atCommit = async ({ step }) => {
          if (step !== 'confirm') return;
          const letters = (await shown(testbed, 'dht_entry')).size;
          atConfirm.push([await testbed.status(sent), await testbed.status(sent, bob), letters]);
        };
        testbed.node.commitFaults.set([{ fault: { kind: 'commit-fails' }, step: 'confirm', times: 1 }]);

        await testbed.attempt(sent);
        await testbed.untilStatus(sent, 'delivered');

        expect(atConfirm).toHaveLength(2);
        expect(atConfirm[0]).toEqual(['saved', 'delivered', expect.any(Number)]);
        expect(atConfirm[1]).toEqual(atConfirm[0]);
      },
    },
  },
};

export const commitRows: readonly FaultRow[] = [headMovesAtRecipient, halfAMessage, authorCannotConfirm];
