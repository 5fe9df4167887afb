import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentPubKey, CloneDisabledError, RemoteCallRefusedError } from '@musubi/messaging';
import { CloneWorld } from './support/clone-world.js';

let world: CloneWorld;
let alice: AgentPubKey;
let bob: AgentPubKey;

// What is known of a clone must not outlive its being switched.
describe.each([true, false])('with a database of the process’s own: %p', (ownsDatabase) => {
  beforeEach(async () => {
    world = await CloneWorld.open({ cloneLimit: 2, ownsDatabase });
    alice = await world.newAgent();
    bob = await world.newAgent();
  });

  afterEach(() => world.close());

  describe('a disabled clone of one’s own', () => {
    it('refuses a message, and writes nothing', async () => {
      await world.deliver(alice, bob);
      await world.strategy.clones.disable(alice, bob);
      const before = await world.rows();

      await expect(world.save(alice, bob)).rejects.toThrow(CloneDisabledError);

      expect(await world.rows()).toBe(before);
    });

    it('is not called from either, and what was saved before goes once it is enabled', async () => {
      const message = await world.save(alice, bob);
      await world.strategy.clones.disable(alice, bob);
      const ref = { holder: alice, message };

      await expect(world.strategy.send(ref)).rejects.toThrow(CloneDisabledError);
      await expect(world.strategy.probe(ref)).rejects.toThrow(CloneDisabledError);
      await world.strategy.clones.enable(alice, bob);

      expect((await world.strategy.send(ref)).status).toBe('delivered');
    });

    it('keeps its messages readable, and takes no receipt of theirs', async () => {
      const message = await world.deliver(alice, bob);
      await world.strategy.clones.disable(bob, alice);

      expect((await world.strategy.messages.find({ holder: bob, message })).status).toBe('delivered');
      await expect(world.strategy.read({ holder: bob, message })).rejects.toThrow(CloneDisabledError);
      await world.strategy.clones.enable(bob, alice);
      expect((await world.strategy.read({ holder: bob, message }))?.status).toBe('read');
    });
  });

  describe('a disabled clone of the peer', () => {
    it('refuses every call in a way that may pass', async () => {
      const known = await world.deliver(alice, bob);
      const message = await world.save(alice, bob);
      await world.strategy.clones.disable(bob, alice);
      const refused = new RemoteCallRefusedError('clone-disabled', true);

      await expect(world.strategy.send({ holder: alice, message })).rejects.toEqual(refused);
      await expect(world.strategy.probe({ holder: alice, message: known })).rejects.toEqual(refused);
      await world.strategy.clones.enable(bob, alice);

      expect((await world.strategy.send({ holder: alice, message })).status).toBe('delivered');
    });
  });
});
