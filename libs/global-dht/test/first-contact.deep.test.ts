import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type TestNode, restoreSnapshot, takeSnapshot } from '@musubi/testing';
import { type AgentPubKey, type MessageRef, dayOf } from '@musubi/messaging';
import { NodeProcess, openDeliveryNode } from './support/node-processes.js';
import { contactRequestsAt } from './support/stored-contact-requests.js';

const YEAR_DAYS = 365;

let node: TestNode;
let here: NodeProcess;
let there: NodeProcess;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeEach(async () => {
  node = await openDeliveryNode();
  [here, there] = [new NodeProcess(node), new NodeProcess(node)];
  for (const { strategy } of [here, there]) await strategy.init();
  [alice, bob] = [await here.newAgent(), await here.newAgent()];
});

afterEach(async () => {
  for (const { strategy } of [here, there]) await strategy.destroy();
  await node.close();
});

/** A letter, the receipt it gives rise to, and what a push has just begun. */
async function whenIdle(...processes: readonly NodeProcess[]): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    for (const { strategy } of processes) await strategy.whenIdle();
  }
}

async function arrived(ref: MessageRef, first: NodeProcess, ...others: NodeProcess[]): Promise<string> {
  await whenIdle(first, ...others);
  return first.statusOf(ref);
}

async function requests(): Promise<{ readonly atAlice: number; readonly atBob: number }> {
  const { db } = node.context;
  const today = dayOf(here.clock.now());
  return {
    atAlice: await contactRequestsAt(db, alice, today),
    atBob: await contactRequestsAt(db, bob, today),
  };
}

/** Alice writes, and Bob gets it. */
async function aliceWrites(): Promise<void> {
  const ref = await here.send(alice, bob);
  expect(await arrived(ref, here)).toBe('delivered');
}

describe('an answer to a first letter', () => {
  it('arrives without a request: one contact request is stored for a pair', async () => {
    await aliceWrites();
    const answer = await here.send(bob, alice);

    expect(await arrived(answer, here)).toBe('delivered');
    await aliceWrites();
    expect(await requests()).toEqual({ atAlice: 0, atBob: 1 });
  });

  it('arrives without a contact request after a restart', async () => {
    await aliceWrites();
    await here.restart(alice, bob);
    const answer = await here.send(bob, alice);

    expect(await arrived(answer, here)).toBe('delivered');
    expect(await requests()).toEqual({ atAlice: 0, atBob: 1 });
  });

  it('reaches an author who signed out, once it signs in', async () => {
    await aliceWrites();
    await here.strategy.deactivate(alice);
    const answer = await here.send(bob, alice);
    expect(await arrived(answer, here)).toBe('saved');

    await here.strategy.activate(alice);

    expect(await arrived(answer, here)).toBe('delivered');
    expect(await requests()).toEqual({ atAlice: 0, atBob: 1 });
  });

  it.each([
    { written: 'at once', before: 0, after: YEAR_DAYS },
    { written: 'after a year', before: YEAR_DAYS, after: 0 },
  ])('$written reaches an author who was away for a year', async ({ before, after }) => {
    await aliceWrites();
    await here.strategy.deactivate(alice);
    if (before > 0) await here.passDays(before);
    const answer = await here.send(bob, alice);
    await whenIdle(here);
    if (after > 0) await here.passDays(after);

    await here.strategy.activate(alice);

    expect(await arrived(answer, here)).toBe('delivered');
    expect(await requests()).toEqual({ atAlice: 0, atBob: 1 });
  });

  it('reaches an author who is online in another process', async () => {
    await there.strategy.activate(alice);
    await there.poll();
    await aliceWrites();
    await here.strategy.deactivate(alice);
    const answer = await here.send(bob, alice);

    await there.poll();
    await here.poll();

    expect(await arrived(answer, here, there)).toBe('delivered');
    expect(await requests()).toEqual({ atAlice: 0, atBob: 1 });
  });

  it('of another process than the one that took the contact request needs none either', async () => {
    await there.strategy.activate(bob);
    await there.poll();
    await aliceWrites();
    const answer = await there.send(bob, alice);
    await here.poll();
    await there.poll();

    expect(await arrived(answer, there, here)).toBe('delivered');
    expect(await requests()).toEqual({ atAlice: 0, atBob: 1 });
  });
});

describe('a first letter', () => {
  it('is not saved when its author cannot note whose answers to watch for', async () => {
    const { db } = node.context;
    const query = db.query.bind(db);
    jest.spyOn(db, 'query').mockImplementation(async (sql, parameters) => {
      if (!sql.includes('insert into mailbox_contact')) return query(sql, parameters);
      throw new Error('the disk is full');
    });

    await expect(here.send(alice, bob)).rejects.toThrow('the disk is full');
    jest.restoreAllMocks();

    expect(await requests()).toEqual({ atAlice: 0, atBob: 0 });
    await aliceWrites();
    expect(await arrived(await here.send(bob, alice), here)).toBe('delivered');
    expect(await requests()).toEqual({ atAlice: 0, atBob: 1 });
  });

  it('that was saved but not sent needs no contact request once its recipient has sent one', async () => {
    const unsent = await here.save(alice, bob);
    const other = await here.send(bob, alice);
    expect(await arrived(other, here)).toBe('delivered');

    await here.strategy.send(unsent);

    expect(await arrived(unsent, here)).toBe('delivered');
    expect(await requests()).toEqual({ atAlice: 1, atBob: 0 });
  });

  it('that crosses another arrives, and both may ask for contact', async () => {
    const crossing = await Promise.all([here.send(alice, bob), here.send(bob, alice)]);

    expect([await arrived(crossing[0], here), await arrived(crossing[1], here)]).toEqual([
      'delivered',
      'delivered',
    ]);
    const { atAlice, atBob } = await requests();
    expect([atAlice, atBob].toSorted().at(-1)).toBe(1);
  });
});

describe('a database that was restored', () => {
  const STATES: Readonly<Record<string, () => Promise<unknown>>> = {
    'before the first letter': () => Promise.resolve(),
    'when the first letter was saved': () => here.save(alice, bob),
    'when the first letter was sent': async () => {
      await here.strategy.deactivate(bob);
      await here.send(alice, bob);
      await here.strategy.activate(bob);
    },
    'when the first letter was received': aliceWrites,
    'when the first letter was answered': async () => {
      await aliceWrites();
      await here.send(bob, alice);
      await whenIdle(here);
    },
  };

  it.each(Object.keys(STATES))('to what it was %s has letters arrive both ways', async (state) => {
    await STATES[state]?.();
    await takeSnapshot(node.context.db);
    await aliceWrites();
    await here.send(bob, alice);
    await whenIdle(here);

    await here.strategy.destroy();
    await restoreSnapshot(node.context.db);
    await here.restart(alice, bob);

    await aliceWrites();
    expect(await arrived(await here.send(bob, alice), here)).toBe('delivered');
    expect(await requests()).toEqual({ atAlice: 0, atBob: 1 });
  });
});
