import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { CommitFailedError } from '@musubi/cell';
import { type AgentPubKey } from '@musubi/messaging';
import { CloneWorld } from './support/clone-world.js';

let world: CloneWorld;

afterEach(() => world.close());

async function open(ownsDatabase: boolean): Promise<readonly [AgentPubKey, AgentPubKey]> {
  world = await CloneWorld.open({ cloneLimit: 2, ownsDatabase });
  const pair = [await world.newAgent(), await world.newAgent()] as const;
  // The first act opens the clone, and the second finds the peer joined.
  await world.deliver(...pair);
  await world.deliver(...pair);
  return pair;
}

/** How often a clone is read for one act of sending. */
async function readsOf(pair: readonly [AgentPubKey, AgentPubKey]): Promise<number> {
  const query = jest.spyOn(world.node.context.db, 'query');
  await world.deliver(...pair);
  const reads = query.mock.calls.filter(([sql]) => sql.includes('from clone')).length;
  query.mockRestore();
  return reads;
}

describe('a clone that is in use', () => {
  it('is not read again where no other process writes the database', async () => {
    expect(await readsOf(await open(true))).toBe(0);
  });

  it('is read for each use where others may have switched it', async () => {
    expect(await readsOf(await open(false))).toBe(4);
  });
});

describe('a record that came as a reply', () => {
  const integrated = 'select count(*)::int as records from integrated_record where holder = decode($1, $2)';

  async function recordsOf(agent: AgentPubKey): Promise<number> {
    const hex = Buffer.from(agent, 'base64url').toString('hex');
    const [row] = await world.node.context.db.query<{ records: number }[]>(integrated, [hex, 'hex']);
    return row?.records ?? 0;
  }

  it('is integrated with the commit that confirms its receipt, and once', async () => {
    const [alice, bob] = await open(false);
    const before = await recordsOf(alice);
    const message = await world.save(alice, bob);
    const receipt = await world.strategy.send({ holder: alice, message });
    const beforeConfirming = await recordsOf(alice);

    await world.strategy.confirm(alice, receipt);
    await world.strategy.confirm(alice, receipt);

    expect([beforeConfirming - before, (await recordsOf(alice)) - before]).toEqual([0, 1]);
  });

  it('is integrated all the same when its confirmation failed at first', async () => {
    const [alice, bob] = await open(false);
    const before = await recordsOf(alice);
    const message = await world.save(alice, bob);
    const receipt = await world.strategy.send({ holder: alice, message });
    world.commitFaults.set([{ fault: { kind: 'commit-fails' }, step: 'confirm', times: 1 }]);

    await expect(world.strategy.confirm(alice, receipt)).rejects.toThrow(CommitFailedError);
    await world.strategy.confirm(alice, receipt);

    expect((await recordsOf(alice)) - before).toBe(1);
  });

  it('is integrated at once where too many wait to be confirmed', async () => {
    const [alice, bob] = await open(false);
    const before = await recordsOf(alice);
    const sent = 260;
    for (let count = 0; count < sent; count += 1) {
      await world.strategy.send({ holder: alice, message: await world.save(alice, bob) });
    }

    expect((await recordsOf(alice)) - before).toBe(4);
  });
});
