import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OutboxKey } from '@musubi/cell';
import { type OutboxEntry, type Patience } from '@musubi/delivery';
import { type AgentPubKey, type StrategyName } from '@musubi/messaging';
import { DeliveryNode, type DeliveryNodeParts, freshParts, openDeliveryDatabase } from '@musubi/testing';
import { untilEqual } from '../../../test/support/until.js';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const DAY_US = DAY_S * 1_000_000;
const CALLED = ['source-chain', 'pairwise-dht'] as const;

let parts: DeliveryNodeParts;
let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;
let told: (string | undefined)[];

async function open(patience?: Patience): Promise<void> {
  parts = { ...freshParts(await openDeliveryDatabase()), patience };
  node = await DeliveryNode.start(parts);
  [alice, bob] = [await node.newAgent(), await node.newAgent()];
  listen();
}

function listen(): void {
  told = [];
  node.signals.subscribe(alice, ({ type, message }) => {
    if (type === 'delivery-failed') told.push(message);
  });
}

afterEach(() => node.close());

/** A message to Bob, tried once. */
async function send(strategy: StrategyName): Promise<OutboxKey> {
  const outboxKey = await node.save(strategy, [alice, bob]);
  await node.attempts.first(alice, outboxKey);
  return outboxKey;
}

/** Time goes by, and a worker takes what is due then. @returns what it took */
async function later(seconds: number): Promise<readonly OutboxEntry[]> {
  node.clock.advance(seconds);
  return drain();
}

async function drain(): Promise<readonly OutboxEntry[]> {
  const works = await node.outbox.claim({ holders: node.keyring.online(), busyLanes: [], limit: 32 });
  for (const work of works) await node.attempts.make(work);
  await node.attempts.whenIdle();
  return works;
}

const find = (outboxKey: OutboxKey): Promise<OutboxEntry | null> =>
  node.outbox.find(node.keyring.keysOf(alice), outboxKey);

const statusOf = async ({ strategy, message }: OutboxKey, holder = alice): Promise<string> =>
  (await node.strategies[strategy].messages.find({ holder, message })).status;

/** Another process on what this one leaves. */
async function restart(): Promise<void> {
  await node.stop();
  node = await DeliveryNode.start(parts);
  await node.goOnline(alice);
  listen();
}

describe.each(CALLED)('a message on %s to somebody who is away', (strategy) => {
  beforeEach(() => open());

  it('is delivered once when the recipient returns after 20 days and a restart', async () => {
    await node.goOffline(bob);
    const outboxKey = await send(strategy);
    for (let day = 1; day <= 20; day += 1) {
      expect(await later(DAY_S)).toHaveLength(1);
      if (day === 10) await restart();
    }
    expect(await find(outboxKey)).toMatchObject({ attempt: 21, isFailed: false });

    await node.goOnline(bob);
    expect(await drain()).toMatchObject([{ outboxKey }]);

    expect([await statusOf(outboxKey), await statusOf(outboxKey, bob), told]).toEqual([
      'delivered',
      'delivered',
      [],
    ]);
    const { items } = await node.strategies[strategy].messages.list(bob, {
      anchor: { at: 'latest' },
      limit: 9,
    });
    expect(items).toHaveLength(1);
  });

  it('fails when the patience is over, and its author is told', async () => {
    await node.goOffline(bob);
    const outboxKey = await send(strategy);
    for (let day = 1; day <= 29; day += 1) await later(DAY_S);
    expect([await find(outboxKey), told]).toMatchObject([{ isFailed: false }, []]);

    await later(DAY_S);

    expect([await find(outboxKey), told]).toMatchObject([
      { isFailed: true, lastError: 'recipient-unreachable' },
      [outboxKey.message],
    ]);
    await node.goOnline(bob);
    expect(await later(DAY_S)).toEqual([]);
  });

  it('has its whole patience again when its author asks', async () => {
    await node.goOffline(bob);
    const outboxKey = await send(strategy);
    for (let day = 1; day <= 29; day += 1) await later(DAY_S);

    await node.attempts.retry(alice, outboxKey);
    for (let day = 1; day <= 29; day += 1) await later(DAY_S);

    expect(await find(outboxKey)).toMatchObject({ isFailed: false });
    await node.goOnline(bob);
    await drain();
    expect(await statusOf(outboxKey)).toBe('delivered');
  });

  it('is over when its author deletes it', async () => {
    await node.goOffline(bob);
    const outboxKey = await send(strategy);

    await node.strategies[strategy].remove({ holder: alice, message: outboxKey.message });

    await node.goOnline(bob);
    expect([await find(outboxKey), await later(DAY_S), told]).toEqual([null, [], []]);
  });

  it('fails at once when it is refused for good', async () => {
    await node.goOffline(bob);
    const outboxKey = await send(strategy);
    node.faults.set([{ fault: { kind: 'refused', code: 'invalid-message', retryable: false } }]);
    await node.goOnline(bob);

    await drain();

    expect([await find(outboxKey), told]).toMatchObject([{ isFailed: true }, [outboxKey.message]]);
  });
});

describe('a letter that cannot be published', () => {
  beforeEach(() => open());

  it('waits as well', async () => {
    const { dataSource } = node.database;
    await dataSource.query('alter table dht_entry rename to dht_entry_away');
    const outboxKey = await send('global-dht');
    for (let day = 1; day <= 3; day += 1) await later(DAY_S);
    expect([await find(outboxKey), told]).toMatchObject([{ isFailed: false, lastError: 'internal' }, []]);

    await dataSource.query('alter table dht_entry_away rename to dht_entry');
    await later(DAY_S);

    await untilEqual('delivered', () => {
      // A letter that is published on a later day is found by the next poll.
      node.clock.advance(HOUR_S);
      return statusOf(outboxKey);
    });
  });
});

describe('patience and clocks', () => {
  it('is not used up by a clock that jumps, once or every hour of a day', async () => {
    await open();
    await node.goOffline(bob);
    const outboxKey = await send('source-chain');
    for (let hour = 0; hour < 24; hour += 1) {
      node.clock.set(40 * DAY_S);
      await drain();
      node.clock.set(-40 * DAY_S);
      await later(HOUR_S);
      if (hour === 12) await restart();
    }

    const work = await find(outboxKey);
    expect(work).toMatchObject({ isFailed: false });
    expect(work?.waitedUs).toBeLessThan(30 * DAY_US);
    await node.goOnline(bob);
    await drain();
    expect(await statusOf(outboxKey)).toBe('delivered');
  });

  it('is used up by a day at most by a year in which the node was off', async () => {
    await open();
    await node.goOffline(bob);
    const outboxKey = await send('source-chain');
    await node.goOffline(alice);
    node.clock.advance(365 * DAY_S);
    await restart();

    await drain();

    const work = await find(outboxKey);
    expect(work?.waitedUs).toBeGreaterThanOrEqual(DAY_US);
    expect(work?.waitedUs).toBeLessThan(2 * DAY_US);
  });

  it('counts what is waited for, not what is cut short', async () => {
    await open();
    await node.goOffline(bob);
    const outboxKey = await send('source-chain');
    for (let times = 0; times < 40; times += 1) {
      await node.delivery.hasten(bob);
      expect(await drain()).toHaveLength(1);
    }

    const work = await find(outboxKey);
    expect(work).toMatchObject({ attempt: 41, isFailed: false });
    // One wait is under way; of the others nothing has passed but the time of this test.
    expect(work?.waitedUs).toBeLessThan(700_000_000);
  });
});

describe('a message from an older version', () => {
  it('that waits goes on, and has its whole patience', async () => {
    await open();
    await node.goOffline(bob);
    const outboxKey = await send('source-chain');
    const runner = node.database.dataSource.createQueryRunner();
    const { deliveryDatabase } = await import('@musubi/delivery');
    const Migration = deliveryDatabase.migrations.find(({ name }) => name.startsWith('WaitPatiently'));
    if (Migration === undefined) throw new Error('there is no such migration');
    await new Migration().down(runner);
    await new Migration().up(runner);
    await runner.release();

    expect(await find(outboxKey)).toMatchObject({ attempt: 1, waitedUs: 0 });
    await later(DAY_S);
    await node.goOnline(bob);
    await drain();

    expect(await statusOf(outboxKey)).toBe('delivered');
  });
});
