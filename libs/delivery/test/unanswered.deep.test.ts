import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type AgentPubKey } from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { until, untilEqual } from '../../../test/support/until.js';

/** More than a worker has lanes. */
const SILENT = 12;
const HOUR_S = 3600;

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeEach(async () => {
  node = await DeliveryNode.open();
  alice = await node.newAgent();
  bob = await node.newAgent();
});

afterEach(async () => {
  // Calls without an answer end now.
  node.faults.set([]);
  node.clock.advance(HOUR_S);
  await node.close();
});

/** How many steps nobody else may take just now. */
async function leased(): Promise<number> {
  const [row] = await node.database.dataSource.query<{ rows: number }[]>(
    'select count(*)::int as rows from outbox where due_at > $1',
    [node.clock.now()],
  );
  return row?.rows ?? 0;
}

it('brings a message to one who is there, while calls to many who are not are still waited for', async () => {
  const silent: AgentPubKey[] = [];
  for (let made = 0; made < SILENT; made += 1) silent.push(await node.newAgent());
  for (const peer of silent) {
    await node.goOffline(peer);
    await node.attempts.first(alice, await node.save('source-chain', [alice, peer]));
  }
  const hours = { kind: 'delay', ms: HOUR_S * 1000 } as const;
  node.faults.set(silent.map((to) => ({ to, fault: hours })));
  node.startWorker();
  node.clock.advance(10);
  await until(async () => {
    expect(await leased()).toBeGreaterThan(0);
  });
  const { message } = await node.save('source-chain', [alice, bob]);

  node.clock.advance(25);

  const statusOf = node.strategies['source-chain'].messages;
  await untilEqual('delivered', async () => (await statusOf.find({ holder: alice, message })).status);
});

it('goes on asking those who did not answer, on the one lane that is left for them', async () => {
  const back: AgentPubKey[] = [];
  for (let made = 0; made < 2; made += 1) back.push(await node.newAgent());
  for (const peer of back) {
    await node.goOffline(peer);
    await node.attempts.first(alice, await node.save('source-chain', [alice, peer]));
    await node.goOnline(peer);
  }
  node.startWorker();

  node.clock.advance(25);

  await untilEqual(0, () => node.owedCount());
});
