import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type StrategyName } from '@musubi/messaging';
import { LinkedNode } from '../nodes/support/linked-node.js';
import { until } from '../support/until.js';
import { Load, crashesWithin, expectAllOnce, gather } from './load.js';

/** `npm run test:deep -- callees` asks for more. */
const KILLS = Number(process.env['MUSUBI_CRASHES'] ?? 1);

/** Where the process of the recipient dies by SIGKILL, which no luck decides. */
const MOMENTS = [
  ['before it commits', 'crash-before'],
  ['between its commit and its reply', 'crash-after'],
] as const;
const PLACEMENTS: readonly StrategyName[] = ['source-chain', 'pairwise-dht'];
const CASES = PLACEMENTS.flatMap((strategy) => MOMENTS.map(([moment, kind]) => ({ strategy, moment, kind })));

let callers: LinkedNode;
let callee: LinkedNode;

beforeAll(async () => {
  const settings = { LOG_LEVEL: 'error', LAB: '1' };
  [callers, callee] = await Promise.all([LinkedNode.start(settings), LinkedNode.start(settings)]);
});

afterAll(async () => {
  await Promise.all([callers.close(), callee.close()]);
});

describe('a node that is called by another one under load, and killed', () => {
  it.each(CASES)(
    `$moment, loses, doubles and forges nothing on $strategy, ${KILLS} times over`,
    async ({ strategy, kind }) => {
      const { senders } = await gather(callers.client);
      const bob = await callee.client.newAgent('bob');
      const correspondents = { senders, bob };
      const card = await callee.cardOf(bob);
      for (const sender of senders) await callers.take(sender, bob.agent, card);
      const { addresses } = await callee.about(bob);
      const listenAt = (addresses[0] ?? '').replace('tcp://', '');
      const load = new Load(correspondents, 'wait=2', [strategy]);
      load.start(callers.url);

      for (let kill = 0; kill < KILLS; kill += 1) {
        const before = load.acknowledged.length;
        await until(() => {
          expect(load.acknowledged.length).toBeGreaterThan(before + senders.length);
          return Promise.resolve();
        });
        await callee.suffer({ commits: [{ fault: { kind }, step: 'accept', agent: bob.agent }] });
        expect(await callee.ended).toBeNull();
        await callee.startAgain(listenAt);
      }
      await load.stop();

      const elsewhere = { bobAt: callee.client, strategies: [strategy] };
      await until(() => expectAllOnce(callers.client, correspondents, load.acknowledged, elsewhere));
      expect(load.refusals).toEqual([]);
    },
    crashesWithin(KILLS),
  );
});
