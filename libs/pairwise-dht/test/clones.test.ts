import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AgentPubKey,
  CloneLimitReachedError,
  CloneNotFoundError,
  InvalidCursorError,
  RemoteCallRefusedError,
} from '@musubi/messaging';
import { CloneWorld } from './support/clone-world.js';

let world: CloneWorld;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeEach(async () => {
  world = await CloneWorld.open({ cloneLimit: 2 });
  alice = await world.newAgent();
  bob = await world.newAgent();
});

afterEach(() => world.close());

describe('a clone', () => {
  it('is invited to while the peer is absent, and primed by the peer’s first record', async () => {
    world.node.context.keyring.lock(bob);
    const message = await world.save(alice, bob);
    await expect(world.strategy.send({ holder: alice, message })).rejects.toThrow('not sent');
    const absent = await world.stateOf(alice, bob);
    await world.node.context.keyring.unlockUnattended();

    const receipt = await world.strategy.send({ holder: alice, message });
    await world.strategy.confirm(alice, receipt);

    expect(absent).toBe('invited');
    expect([await world.stateOf(alice, bob), await world.stateOf(bob, alice)]).toEqual(['primed', 'primed']);
  });

  it('is joined on both sides when the peer has joined and has no record yet', async () => {
    world.faults.set([{ fault: { kind: 'not-sent' }, fn: 'pairwise-dht/integrate_records' }]);
    const message = await world.save(alice, bob);

    await expect(world.strategy.send({ holder: alice, message })).rejects.toThrow('not sent');

    expect([await world.stateOf(alice, bob), await world.stateOf(bob, alice)]).toEqual(['joined', 'joined']);
  });

  it('from before peers were noted is listed once it was used again', async () => {
    await world.deliver(alice, bob);
    await world.node.context.db.query('update clone set sealed = null');
    const before = await world.strategy.clones.list(alice, { limit: 10 });
    const found = await world.stateOf(alice, bob);

    await world.deliver(alice, bob);

    const { items } = await world.strategy.clones.list(alice, { limit: 10 });
    expect([before.items, found]).toEqual([[], 'primed']);
    expect(items).toEqual([{ peer: bob, state: 'primed' }]);
  });

  it('of an agent with itself waits for nobody', async () => {
    await world.save(alice, alice);

    expect(await world.stateOf(alice, alice)).toBe('primed');
  });

  it('is known to nobody before it is opened', async () => {
    await expect(world.strategy.clones.find(alice, bob)).rejects.toThrow(CloneNotFoundError);
    await expect(world.strategy.clones.disable(alice, bob)).rejects.toThrow(CloneNotFoundError);
    await expect(world.strategy.clones.enable(alice, bob)).rejects.toThrow(CloneNotFoundError);
  });

  it('is the state that it was before, once it is enabled again', async () => {
    await world.deliver(alice, bob);

    const { state } = await world.strategy.clones.disable(alice, bob);
    const again = await world.strategy.clones.disable(alice, bob);
    await world.strategy.clones.enable(alice, bob);

    expect([state, again.state, await world.stateOf(alice, bob)]).toEqual(['disabled', 'disabled', 'primed']);
    expect(await world.strategy.clones.enable(alice, bob)).toEqual({ peer: bob, state: 'primed' });
  });
});

describe('the clone limit', () => {
  it('counts enabled clones only: disabling one makes room for another', async () => {
    const [carol, dave] = [await world.newAgent(), await world.newAgent()];
    await world.save(alice, bob);
    await world.save(alice, carol);

    await expect(world.save(alice, dave)).rejects.toThrow(CloneLimitReachedError);
    await world.strategy.clones.disable(alice, bob);
    await world.save(alice, dave);

    await expect(world.strategy.clones.enable(alice, bob)).rejects.toThrow(CloneLimitReachedError);
    expect(await world.stateOf(alice, bob)).toBe('disabled');
  });

  it('holds when clones are opened and enabled at once', async () => {
    const peers = [await world.newAgent(), await world.newAgent(), await world.newAgent()];
    await world.save(alice, bob);
    await world.strategy.clones.disable(alice, bob);

    await Promise.allSettled([
      world.strategy.clones.enable(alice, bob),
      ...peers.map((peer) => world.save(alice, peer)),
    ]);

    const { items } = await world.strategy.clones.list(alice, { limit: 10 });
    expect(items.filter(({ state }) => state !== 'disabled')).toHaveLength(2);
  });

  it('of the recipient refuses an invitation in a way that may pass', async () => {
    const [carol, dave] = [await world.newAgent(), await world.newAgent()];
    await world.save(bob, carol);
    await world.save(bob, dave);
    const message = await world.save(alice, bob);
    const refused = new RemoteCallRefusedError('clone-limit-reached', true);

    await expect(world.strategy.send({ holder: alice, message })).rejects.toEqual(refused);
    await world.strategy.clones.disable(bob, carol);

    expect((await world.strategy.send({ holder: alice, message })).status).toBe('delivered');
  });
});

describe('the list of clones', () => {
  it('names every peer once, page by page', async () => {
    const carol = await world.newAgent();
    await world.save(alice, bob);
    await world.deliver(alice, carol);

    const first = await world.strategy.clones.list(alice, { limit: 1 });
    const second = await world.strategy.clones.list(alice, { limit: 1, after: first.next ?? '' });

    expect(second.next).toBeNull();
    expect(new Set([...first.items, ...second.items])).toEqual(
      new Set([
        { peer: bob, state: 'invited' },
        { peer: carol, state: 'primed' },
      ]),
    );
    expect((await world.strategy.clones.list(carol, { limit: 9 })).items).toEqual([
      { peer: alice, state: 'primed' },
    ]);
  });

  it('refuses what is no cursor', async () => {
    await expect(world.strategy.clones.list(alice, { limit: 1, after: 'bob' })).rejects.toThrow(
      InvalidCursorError,
    );
  });
});
