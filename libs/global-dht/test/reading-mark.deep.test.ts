import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeCanonical, fromBase64Url } from '@musubi/crypto';
import { type TestNode } from '@musubi/testing';
import { type AgentPubKey, dayOf } from '@musubi/messaging';
import { ReadingMarkStore } from '../src/reading-mark.store.js';
import { NodeProcess, openDeliveryNode } from './support/node-processes.js';

let node: TestNode;
/** Alice is online in the one process, Bob in the other. */
let here: NodeProcess;
let there: NodeProcess;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeEach(async () => {
  node = await openDeliveryNode();
  [here, there] = [new NodeProcess(node), new NodeProcess(node)];
  await here.strategy.init();
  await there.strategy.init();
  [alice, bob] = [await here.newAgent(), await there.newAgent()];
});

afterEach(async () => {
  await here.strategy.destroy();
  await there.strategy.destroy();
  await node.close();
});

/** A minute of polls on both sides: the letter, its receipt, and one round more. */
async function aMinute(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await there.poll();
    await here.poll();
  }
}

async function expectDelivered(): Promise<void> {
  const sent = await here.send(alice, bob);
  await aMinute();
  expect(await here.statusOf(sent)).toBe('delivered');
}

describe('marks that are set at once', () => {
  it('are set but for an agent that was deleted', async () => {
    const db = node.database.dataSource;
    const [kept, gone] = [here.keysOf(alice), there.keysOf(bob)];
    const marks = new ReadingMarkStore(db);
    await marks.set([kept, gone].map((keys) => ({ keys, period: 1 })));
    await db.query(
      `insert into agent_fence (agent, is_moved, seq, is_deleted, is_clearing) values ($1, true, 0, true, true)`,
      [fromBase64Url(bob)],
    );

    await marks.set([gone, kept].map((keys) => ({ keys, period: 2 })));

    expect((await marks.of([kept])).get(alice)).toBe(2);
    expect((await marks.of([gone])).get(bob)).toBe(1);
  });
});

describe('a mark', () => {
  async function plant(content: unknown): Promise<void> {
    const sealed = there.keysOf(bob).seal(encodeCanonical(content as never), 'musubi/mailbox-watch');
    await node.database.dataSource.query('update mailbox_watch set sealed = $2 where holder = $1', [
      fromBase64Url(bob),
      sealed,
    ]);
  }

  it.each([
    ['is a day of an older version, which may lie in the future', () => dayOf(there.clock.now()) + 40, false],
    ['is of a period that has not begun', () => ({ period: 1000 }), true],
  ])('counts for nothing when it %s', async (_, content, isTold) => {
    await expectDelivered();
    await there.strategy.deactivate(bob);
    const sent = await here.send(alice, bob);
    await here.passDays(1);
    await here.passDays(4);
    await plant(content());

    await there.restart(bob);
    await aMinute();

    expect(await here.statusOf(sent)).toBe('delivered');
    expect(there.events.includes('mailbox-mark-ahead')).toBe(isTold);
  });

  it('is not moved past a letter that could not be taken', async () => {
    await expectDelivered();
    node.commitFaults.set([{ fault: { kind: 'commit-fails' }, step: 'accept', agent: bob }]);
    const sent = await here.send(alice, bob);
    await there.passDays(1);
    await there.passDays(4);
    node.commitFaults.set([]);

    await there.restart(bob);
    await aMinute();

    expect(await here.statusOf(sent)).toBe('delivered');
  });
});

describe('the log', () => {
  it('tells of a day that jumped', async () => {
    await there.poll();
    there.clock.days = 40;
    await there.poll();
    there.clock.days = 0;
    await there.poll();

    expect(there.events).toEqual(['mailbox-day-jumped', 'mailbox-day-jumped']);
  });

  it('tells of letters of days to come', async () => {
    here.clock.days = 40;
    await here.send(alice, bob);
    await there.poll(3);

    expect(there.events).toEqual(['mailbox-letters-ahead']);
  });
});
