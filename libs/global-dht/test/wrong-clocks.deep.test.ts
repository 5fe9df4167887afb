import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type TestNode } from '@musubi/testing';
import { type AgentPubKey, type MessageRef } from '@musubi/messaging';
import { untilEqual } from '../../../test/support/until.js';
import { NodeProcess, openDeliveryNode } from './support/node-processes.js';

/** From noon it is another day. */
const HALF_A_DAY = 13 / 24;
/** Since 1990, about. */
const DECADES = 13_000;
const WRONG_DAYS = [-DECADES, -40, -HALF_A_DAY, HALF_A_DAY, 2, 4, 40, 365];

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
  jest.restoreAllMocks();
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

describe.each(WRONG_DAYS)('a clock that is wrong by %d days', (days) => {
  it('delivers what its author wrote meanwhile, and what it writes when it is right', async () => {
    await expectDelivered();
    here.clock.days = days;
    const meanwhile = await here.send(alice, bob);
    here.clock.days = 0;
    await aMinute();

    expect(await here.statusOf(meanwhile)).toBe('delivered');
    await expectDelivered();
  });

  it('delivers to a recipient that read under it, with and without a restart', async () => {
    await expectDelivered();
    await there.passDays(days);
    await there.restart(bob);
    await there.poll(5);
    const meanwhile = await here.send(alice, bob);
    there.clock.days = 0;
    await aMinute();
    expect(await here.statusOf(meanwhile)).toBe('delivered');

    await there.restart(bob);
    await expectDelivered();
  });

  it('delivers a first contact that was made under it to one who was away', async () => {
    await there.strategy.deactivate(bob);
    await there.passDays(0);
    here.clock.days = days;
    const sent = await here.send(alice, bob);
    here.clock.days = 2;
    await here.passDays(2);
    await there.strategy.activate(bob);
    await there.strategy.whenIdle();
    await aMinute();

    expect(await here.statusOf(sent)).toBe('delivered');
  });
});

describe('letters that are published while their process looks around', () => {
  /** Does something in each look, after it has asked for the days of late. */
  function inEachLook(work: () => Promise<void>): void {
    const { dataSource } = node.database;
    const query = dataSource.query.bind(dataSource);
    jest.spyOn(dataSource, 'query').mockImplementation(async (sql, parameters) => {
      const found: unknown = await query(sql, parameters);
      if (sql.includes('from dht_day')) await work();
      return found;
    });
  }

  it('arrive without another poll, also on a day that is about to be watched no more', async () => {
    const carol = await here.newAgent();
    const saved = await here.save(alice, carol);
    here.clock.days = 40;
    let isSent = false;
    inEachLook(async () => {
      if (!isSent) {
        isSent = true;
        await here.strategy.send(saved);
      }
    });
    await here.poll();

    await untilEqual('delivered', () => here.statusOf(saved));
  });

  it('ask for no other look where their days are watched', async () => {
    const carol = await here.newAgent();
    const all: MessageRef[] = [];
    for (let count = 0; count < 5; count += 1) all.push(await here.save(alice, carol));
    const saved = [...all];
    let looks = 0;
    inEachLook(async () => {
      looks += 1;
      const next = saved.pop();
      if (next !== undefined) await here.strategy.send(next);
    });
    await here.poll();
    expect(looks).toBe(1);

    await here.poll(4);
    await untilEqual(true, async () => {
      const statuses = await Promise.all(all.map((ref) => here.statusOf(ref)));
      return statuses.every((status) => status === 'delivered');
    });
  });
});

describe('an agent that was away', () => {
  it('gets a letter of a day that it has read to the end long since', async () => {
    await expectDelivered();
    await there.passDays(1);
    await there.passDays(4);
    await there.strategy.deactivate(bob);
    const late = await here.send(alice, bob);

    await there.strategy.activate(bob);
    await there.strategy.whenIdle();
    await aMinute();

    expect(await here.statusOf(late)).toBe('delivered');
  });

  it('gets what was published in a year, and the answers reach their author', async () => {
    await expectDelivered();
    await there.strategy.deactivate(bob);
    const sent = [];
    for (const days of [1, 2, 9, 100, 200, 365]) {
      here.clock.days = days;
      await here.poll(5);
      sent.push(await here.send(alice, bob));
    }
    there.clock.days = 365;
    await there.restart(bob);
    await aMinute();

    expect(await Promise.all(sent.map((ref) => here.statusOf(ref)))).toEqual(sent.map(() => 'delivered'));
  });

  it('gets what it missed when the feed was lost while a push was', async () => {
    await expectDelivered();
    const lost = await here.send(alice, bob);
    await node.database.dataSource.query('truncate dht_feed, dht_arrival');
    await aMinute();

    expect(await here.statusOf(lost)).toBe('delivered');
    expect(there.events).toContain('mailbox-feed-lost');
  });
});

describe('an agent that is online in two processes', () => {
  it('is read for in the other when the one that met a peer has ended', async () => {
    await here.poll();
    await there.strategy.activate(alice);
    await there.strategy.whenIdle();
    const sent = await here.send(alice, bob);
    await here.strategy.destroy();
    here.strategy = there.strategy;

    await there.poll(4);

    expect(await there.statusOf(sent)).toBe('delivered');
  });
});
