import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OutboxKey } from '@musubi/cell';
import { type AgentPubKey } from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { untilEqual } from '../../../test/support/until.js';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
/** Half of what a step is leased for: a test may take some seconds before, and after. */
const WAIT_S = 10;
const DISTRUSTED = JSON.stringify({ event: 'outbox-due-times-distrusted', steps: 1 });

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeEach(async () => {
  node = await DeliveryNode.open();
  alice = await node.newAgent();
  bob = await node.newAgent();
});

afterEach(() => node.close());

const find = ({ message }: OutboxKey): Promise<{ readonly status: string }> =>
  node.strategies['source-chain'].messages.find({ holder: alice, message });

/** A message to somebody who is away: after the first attempt the next is put off. */
async function putOff(): Promise<OutboxKey> {
  await node.goOffline(bob);
  const outboxKey = await node.save('source-chain', [alice, bob]);
  expect(await node.attempts.first(alice, outboxKey)).toMatchObject({ kind: 'postponed' });
  return outboxKey;
}

describe.each([
  ['an hour', HOUR_S],
  ['40 days', 40 * DAY_S],
])('an outbox that was written by a clock %s ahead', (_, ahead) => {
  it('is drained when the clock is right again', async () => {
    node.startWorker();
    node.clock.set(ahead);
    const outboxKey = await putOff();

    node.clock.set(-ahead);
    // Only then does Bob come back: his return makes the step due whatever its time says.
    await untilEqual(true, () => Promise.resolve(node.log.lines.includes(DISTRUSTED)));
    await node.goOnline(bob);

    await untilEqual('delivered', async () => (await find(outboxKey)).status);
  });

  it('gives up the lease of a process that is gone', async () => {
    node.clock.set(ahead);
    const outboxKey = await node.save('source-chain', [alice, bob]);

    node.clock.set(-ahead);
    node.startWorker();

    await untilEqual('delivered', async () => (await find(outboxKey)).status);
  });

  it('tells its owner that the next attempt is due', async () => {
    node.clock.set(ahead);
    const outboxKey = await putOff();

    node.clock.set(-ahead);

    const work = await node.outbox.find(node.keyring.keysOf(alice), outboxKey);
    expect(work?.dueAt).toBeLessThanOrEqual(node.clock.now());
  });
});

describe('an outbox whose clock is right', () => {
  it('keeps its leases and its waits', async () => {
    const outboxKey = await putOff();
    const work = await node.outbox.find(node.keyring.keysOf(alice), outboxKey);
    if (work === null) throw new Error('nothing is pending');
    await node.outbox.postpone(work, node.clock.now() + WAIT_S * 1_000_000, 'recipient-unreachable');
    await node.save('source-chain', [alice, bob]);
    const scope = { holders: [alice], busyLanes: [], limit: 8 };

    expect(await node.outbox.claim(scope)).toEqual([]);
    node.clock.advance(WAIT_S);

    expect(await node.outbox.claim(scope)).toMatchObject([{ outboxKey }]);
    expect(node.log.lines).toEqual([]);
  });
});
