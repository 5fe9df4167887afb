import { expect } from '@jest/globals';
import { HeadMovedError, InvalidMessageError, MAX_TEXT_BYTES } from '@musubi/messaging';
import { untilEqual } from '../../support/until.js';
import { type FaultRow, everywhere } from '../fault-row.js';
import { whileHeadMoves } from '../second-writer.js';
import { sentOf } from '../sent.js';
import { countRows, owedSteps, rowsOf } from '../stored.js';
import { type Testbed } from '../testbed.js';

const NOTHING = { messages: 0, receipts: 0 };

/** Two agents who have written to one another, so that a save writes nothing but what it saves. */
async function acquaintances(testbed: Testbed): ReturnType<Testbed['pair']> {
  const [alice, bob] = await testbed.pair();
  await testbed.deliver(alice, bob);
  await untilEqual(0, () => owedSteps(testbed));
  await testbed.node.whenIdle();
  return [alice, bob];
}

const saveFails: FaultRow = {
  fault: 'F1',
  title: 'The save fails',
  cells: everywhere({
    'stores nothing when the commit fails, and a repeat succeeds': async (testbed) => {
      const [alice, bob] = await acquaintances(testbed);
      const draft = testbed.draft(alice, bob);
      const before = await countRows(testbed);
      testbed.node.commitFaults.set([{ fault: { kind: 'commit-fails' }, step: 'save', times: 1 }]);

      await expect(testbed.saveDraft(draft)).rejects.toThrow('a fault was asked for');

      expect(await countRows(testbed)).toBe(before);
      await testbed.attempt(await testbed.saveDraft(draft));
    },

    'stores nothing under strict ordering when the head moves, and a repeat succeeds': async (testbed) => {
      const strict = await testbed.another({ ordering: 'strict' });
      const [alice, bob] = [await testbed.newAgent(strict), await testbed.newAgent()];
      await testbed.deliver(alice, bob);
      const draft = testbed.draft(alice, bob);

      const { worked } = await whileHeadMoves(testbed, [alice, bob], () => testbed.saveDraft(draft));

      expect(worked).toMatchObject({ status: 'rejected', reason: expect.any(HeadMovedError) });
      expect(await rowsOf(testbed, alice, sentOf(draft).message)).toEqual(NOTHING);
      await testbed.attempt(await testbed.saveDraft(draft));
    },

    'stores nothing of a message that every recipient would refuse': async (testbed) => {
      const [alice, bob] = await acquaintances(testbed);
      const payload = { type: 'text', text: 'a'.repeat(MAX_TEXT_BYTES + 1) } as const;
      const draft = { ...testbed.node.draft(alice, bob), payload };
      const before = await countRows(testbed);

      await expect(testbed.saveDraft(draft)).rejects.toThrow(InvalidMessageError);

      expect(await countRows(testbed)).toBe(before);
    },
  }),
};

const crashAfterSave: FaultRow = {
  fault: 'F2',
  title: 'The process dies after the save, before the send',
  cells: everywhere({
    'has the committed message in the outbox: the next process sends it': async (testbed) => {
      const [alice, bob] = await testbed.pair();
      const draft = testbed.draft(alice, bob);
      const sent = sentOf(draft);
      testbed.node.commitFaults.set([{ fault: { kind: 'crash-after' }, step: 'save' }]);
      void testbed.node.strategies[testbed.strategy].save(draft);
      await untilEqual(1, async () => (await rowsOf(testbed, alice, sent.message)).messages);

      await testbed.restart();

      expect(await testbed.status(sent)).toBe('saved');
      await testbed.untilDelivered(sent);
    },

    'stores nothing when it dies a moment earlier': async (testbed) => {
      const [alice, bob] = await testbed.pair();
      const draft = testbed.draft(alice, bob);
      const sent = sentOf(draft);
      let isReached = false;
      testbed.node.commits.atCommit = () => {
        isReached = true;
        return Promise.resolve();
      };
      testbed.node.commitFaults.set([{ fault: { kind: 'crash-before' }, step: 'save' }]);
      void testbed.node.strategies[testbed.strategy].save(draft);
      await untilEqual(true, () => Promise.resolve(isReached));

      await testbed.restart();

      expect(await rowsOf(testbed, alice, sent.message)).toEqual(NOTHING);
      expect(await owedSteps(testbed)).toBe(0);
    },
  }),
};

export const savingRows: readonly FaultRow[] = [saveFails, crashAfterSave];
