import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentPubKey, CloneLimitReachedError, RemoteCallRefusedError } from '@musubi/messaging';
import { CloneWorld } from './support/clone-world.js';

let world: CloneWorld;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeEach(async () => {
  world = await CloneWorld.open({ cloneLimit: 2, ownsDatabase: true });
  alice = await world.newAgent();
  bob = await world.newAgent();
});

afterEach(() => world.close());

describe('clones that peers opened', () => {
  it('take half of the limit at most, and leave the rest to their holder', async () => {
    const strangers = [bob, await world.newAgent(), await world.newAgent()];
    await world.deliver(strangers[0] ?? bob, alice);

    const refused = new RemoteCallRefusedError('clone-limit-reached', true);
    for (const stranger of strangers.slice(1)) {
      await expect(world.deliver(stranger, alice)).rejects.toEqual(refused);
    }

    const friend = await world.newAgent();
    await world.deliver(alice, friend);
    expect(await world.stateOf(alice, friend)).toBe('primed');
    await expect(world.save(alice, await world.newAgent())).rejects.toThrow(CloneLimitReachedError);
  });

  it('are switched off all at once, and those of the holder are not', async () => {
    const friend = await world.newAgent();
    await world.deliver(bob, alice);
    await world.deliver(alice, friend);

    expect(await world.strategy.clones.disableOpenedByPeers(alice)).toBe(1);
    expect(await world.strategy.clones.disableOpenedByPeers(alice)).toBe(0);

    expect([await world.stateOf(alice, bob), await world.stateOf(alice, friend)]).toEqual([
      'disabled',
      'primed',
    ]);
    await world.deliver(await world.newAgent(), alice);
  });

  it('stay those of peers once they were switched off and on', async () => {
    await world.deliver(bob, alice);
    await world.strategy.clones.disable(alice, bob);
    await world.deliver(await world.newAgent(), alice);

    await expect(world.strategy.clones.enable(alice, bob)).rejects.toThrow(CloneLimitReachedError);
  });

  it('of which nobody knows who opened them count as those of their holders', async () => {
    await world.deliver(bob, alice);
    await world.node.context.db.query('update clone set is_invited = false');

    await world.deliver(await world.newAgent(), alice);

    expect(await world.strategy.clones.disableOpenedByPeers(alice)).toBe(1);
  });
});
