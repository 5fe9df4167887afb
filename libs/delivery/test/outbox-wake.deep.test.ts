import { writeAtOnce } from '@musubi/database';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Listening, listen } from '@musubi/database';
import { OUTBOX_CHANNEL, OutboxStore, OutboxWorker, type OutboxEntry } from '@musubi/delivery';
import { type AgentPubKey, silentLog } from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { deferred } from '../../../test/support/deferred.js';
import { until, untilEqual } from '../../../test/support/until.js';

/** Nobody looks again within a test. */
const NEVER_MS = 86_400_000;
/** Longer than a test waits for anything: what it waits for must come before the lease of a step ends by itself. */
const LEASE_S = 3600;
const LEASE_OVER_S = LEASE_S + 5;
const SOON_US = 300_000;
const SLOW_MS = 500;

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeEach(async () => {
  node = await DeliveryNode.open({
    makeOutbox: (options) => new OutboxStore({ ...options, leaseUs: LEASE_S * 1_000_000 }),
  });
  alice = await node.newAgent();
  bob = await node.newAgent();
});

afterEach(() => node.close());

async function enqueue(): Promise<OutboxEntry> {
  const outboxKey = await node.save('source-chain', [alice, bob]);
  const work = await node.outbox.find(node.keyring.keysOf(alice), outboxKey);
  if (work === null) throw new Error('nothing is pending');
  return work;
}

const putOff = (work: OutboxEntry): Promise<void> =>
  node.outbox.postpone(work, node.clock.now() + SOON_US, 'recipient-unreachable');

function untilNothingOwed(): Promise<void> {
  return until(async () => {
    expect(await node.owedCount()).toBe(0);
  });
}

describe('a worker that nobody wakes', () => {
  it('sleeps until the next step is due, not until it looks again', async () => {
    await putOff(await enqueue());

    node.startWorker(NEVER_MS);

    await untilNothingOwed();
  });

  it('looks seldom while a slow lane is under way', async () => {
    node.faults.set([{ fault: { kind: 'delay', ms: SLOW_MS } }]);
    for (let count = 0; count < 3; count += 1) await enqueue();
    node.clock.advance(LEASE_OVER_S);
    let looks = 0;
    const { outbox, clock, keyring } = node;
    const counting = {
      claim: (scope: Parameters<typeof outbox.claim>[0]) => {
        looks += 1;
        return outbox.claim(scope);
      },
      nextDue: (scope: Parameters<typeof outbox.nextDue>[0]) => outbox.nextDue(scope),
      release: (work: OutboxEntry) => outbox.release(work),
    };
    const attempt = (work: OutboxEntry) => node.attempts.make(work);
    const parts = { outbox: counting, attempt, clock, log: silentLog, online: () => keyring.online() };
    const worker = new OutboxWorker({ ...parts, maxLanes: 8, pollMs: NEVER_MS });

    worker.start();
    await untilNothingOwed();
    await worker.stop();

    // Found something, found no more, and once more when the lane was done.
    expect(looks).toBeLessThanOrEqual(4);
  });
});

describe('a worker with a slow lane', () => {
  it('leaves a step alone whose lease ended before its turn', async () => {
    for (let count = 0; count < 2; count += 1) await enqueue();
    node.clock.advance(LEASE_OVER_S);
    let attempts = 0;
    const { outbox, clock, keyring } = node;
    const taking = deferred<undefined>();
    const attempt = async (work: OutboxEntry) => {
      attempts += 1;
      await taking.promise;
      return node.attempts.make(work);
    };
    const parts = { outbox, attempt, clock, log: silentLog, online: () => keyring.online() };
    const worker = new OutboxWorker({ ...parts, maxLanes: 8, pollMs: NEVER_MS });
    worker.start();
    await untilEqual(1, () => Promise.resolve(attempts));

    node.clock.advance(LEASE_OVER_S);
    const taken = await outbox.claim({ holders: keyring.online(), busyLanes: [], limit: 8 });
    taking.resolve(undefined);
    await until(async () => {
      expect(await node.owedCount()).toBe(1);
    });
    await worker.stop();

    expect([taken.length, attempts]).toEqual([2, 1]);
  });
});

describe('a worker that PostgreSQL wakes', () => {
  let listening: Listening;
  let told: number;

  beforeEach(async () => {
    told = 0;
    const worker = node.startWorker(NEVER_MS);
    const onNotify = (): void => {
      told += 1;
      worker.wake();
    };
    listening = listen({ url: node.database.url, channel: OUTBOX_CHANNEL, onNotify });
    await untilEqual(1, () => Promise.resolve(told));
  });

  afterEach(() => listening.close());

  it('takes up what another process has put off', async () => {
    await putOff(await enqueue());

    await untilNothingOwed();
  });

  it('is not told of what is leased to its maker, nor of what is not pending', async () => {
    const work = await enqueue();
    const { message } = await node.strategies['source-chain'].save(node.draft(alice, bob));
    const completion = node.outbox.complete(node.keyring.keysOf(alice), { ...work.outboxKey, message });
    await writeAtOnce(node.database.dataSource, completion);
    await putOff({ ...work, outboxKey: { ...work.outboxKey, message } });

    await putOff(work);

    await untilNothingOwed();
    expect(told).toBe(2);
  });

  it('takes up at once what another worker gives back when it stops', async () => {
    const [arrived, stopped] = [deferred<undefined>(), deferred<undefined>()];
    node.commits.atCommit = async ({ step }) => {
      if (step !== 'accept') return;
      arrived.resolve(undefined);
      await stopped.promise;
    };
    for (let count = 0; count < 3; count += 1) await enqueue();
    node.clock.advance(LEASE_OVER_S);
    const stopping = node.startWorker();
    await arrived.promise;

    const stop = stopping.stop();
    stopped.resolve(undefined);
    await stop;

    await untilNothingOwed();
    // A word of the last step may come after somebody else's word of the one before has led to both.
    await untilEqual(3, () => Promise.resolve(told));
  });
});
