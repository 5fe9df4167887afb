import { expect } from '@jest/globals';
import { HeadMovedError, InvalidMessageError, MAX_TEXT_BYTES } from '@musubi/messaging';
import { untilEqual } from '../../support/until.js';
import { type FaultRow, everywhere } from '../fault-row.js';
import { whileHeadMoves } from '../second-writer.js';
import { sentOf } from '../sent.js';
import { countRows, owedSteps, rowsOf } from '../stored.js';
import { type World } from '../world.js';

const NOTHING = { messages: 0, receipts: 0 };

/** Two agents who have written to one another, so that a save writes nothing but what it saves. */
async function acquaintances(world: World): ReturnType<World['pair']> {
  const [alice, bob] = await world.pair();
  await world.deliver(alice, bob);
  await untilEqual(0, () => owedSteps(world));
  await world.node.whenIdle();
  return [alice, bob];
}

const saveFails: FaultRow = {
  fault: 'F1',
  title: 'The save fails',
  cells: everywhere({
    'stores nothing when the commit fails, and a repeat succeeds': async (world) => {
      const [alice, bob] = await acquaintances(world);
      const draft = world.draft(alice, bob);
      const before = await countRows(world);
      world.node.commitFaults.set([{ fault: { kind: 'commit-fails' }, step: 'save', times: 1 }]);

      await expect(world.saveDraft(draft)).rejects.toThrow('a fault was asked for');

      expect(await countRows(world)).toBe(before);
      await world.attempt(await world.saveDraft(draft));
    },

    'stores nothing under strict ordering when the head moves, and a repeat succeeds': async (world) => {
      const strict = await world.openBeside({ ordering: 'strict' });
      const [alice, bob] = [await world.newAgent(strict), await world.newAgent()];
      await world.deliver(alice, bob);
      const draft = world.draft(alice, bob);

      const { worked } = await whileHeadMoves(world, [alice, bob], () => world.saveDraft(draft));

      expect(worked).toMatchObject({ status: 'rejected', reason: expect.any(HeadMovedError) });
      expect(await rowsOf(world, alice, sentOf(draft).message)).toEqual(NOTHING);
      await world.attempt(await world.saveDraft(draft));
    },

    'stores nothing of a message that every recipient would refuse': async (world) => {
      const [alice, bob] = await acquaintances(world);
      const payload = { type: 'text', text: 'a'.repeat(MAX_TEXT_BYTES + 1) } as const;
      const draft = { ...world.node.draft(alice, bob), payload };
      const before = await countRows(world);

      await expect(world.saveDraft(draft)).rejects.toThrow(InvalidMessageError);

      expect(await countRows(world)).toBe(before);
    },
  }),
};

const crashAfterSave: FaultRow = {
  fault: 'F2',
  title: 'The process dies after the save, before the send',
  cells: everywhere({
    'has the committed message in the outbox: the next process sends it': async (world) => {
      const [alice, bob] = await world.pair();
      const draft = world.draft(alice, bob);
      const sent = sentOf(draft);
      world.node.commitFaults.set([{ fault: { kind: 'crash-after' }, step: 'save' }]);
      void world.node.strategies[world.strategy].save(draft);
      await untilEqual(1, async () => (await rowsOf(world, alice, sent.message)).messages);

      await world.restart();

      expect(await world.status(sent)).toBe('saved');
      await world.untilDelivered(sent);
    },

    'stores nothing when it dies a moment earlier': async (world) => {
      const [alice, bob] = await world.pair();
      const draft = world.draft(alice, bob);
      const sent = sentOf(draft);
      let isReached = false;
      world.node.commits.atCommit = () => {
        isReached = true;
        return Promise.resolve();
      };
      world.node.commitFaults.set([{ fault: { kind: 'crash-before' }, step: 'save' }]);
      void world.node.strategies[world.strategy].save(draft);
      await untilEqual(true, () => Promise.resolve(isReached));

      await world.restart();

      expect(await rowsOf(world, alice, sent.message)).toEqual(NOTHING);
      expect(await owedSteps(world)).toBe(0);
    },
  }),
};

export const savingRows: readonly FaultRow[] = [saveFails, crashAfterSave];
