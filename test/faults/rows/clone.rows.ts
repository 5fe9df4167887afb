import { expect } from '@jest/globals';
import { type AgentPubKey, CloneDisabledError, CloneLimitReachedError } from '@musubi/messaging';
import { type Clones } from '@musubi/pairwise-dht';
import { type FaultCase, type FaultRow } from '../fault-row.js';
import { callsThatBring } from '../remote-functions.js';
import { type Sent } from '../sent.js';
import { countRows } from '../stored.js';
import { type World } from '../world.js';

function clonesOf(world: World, holder: AgentPubKey): Clones {
  return world.home(holder).strategies['pairwise-dht'].clones;
}

async function stateOf(world: World, holder: AgentPubKey, peer: AgentPubKey): Promise<string> {
  return (await clonesOf(world, holder).find(holder, peer)).state;
}

/** One attempt, in vain. @returns why, as the author is told */
async function whyNot(world: World, sent: Sent): Promise<string | null | undefined> {
  expect(await world.attempt(sent)).toMatchObject({ kind: 'postponed' });
  expect(await world.status(sent)).toBe('saved');
  return (await world.outboxKey(sent))?.lastError;
}

const peerAbsent: FaultCase = async (world) => {
  const [alice, bob] = await world.pair();
  await world.goOffline(bob);
  const sent = await world.save(alice, bob);

  expect(await whyNot(world, sent)).toBe('recipient-unreachable');
  expect(await stateOf(world, alice, bob)).toBe('invited');
  await world.goOnline(bob);

  await world.untilDelivered(sent);
  expect([await stateOf(world, alice, bob), await stateOf(world, bob, alice)]).toEqual(['primed', 'primed']);
};

const notPrimed: FaultCase = async (world) => {
  const [alice, bob] = await world.pair();
  world.node.faults.set([{ fault: { kind: 'not-sent' }, fn: callsThatBring(world.strategy), times: 1 }]);
  const sent = await world.save(alice, bob);

  expect(await whyNot(world, sent)).toBe('recipient-unreachable');
  expect([await stateOf(world, alice, bob), await stateOf(world, bob, alice)]).toEqual(['joined', 'joined']);

  await world.untilDelivered(sent);
  expect([await stateOf(world, alice, bob), await stateOf(world, bob, alice)]).toEqual(['primed', 'primed']);
};

const noRoomThere: FaultCase = async (world) => {
  const small = await world.openBeside({ cloneLimit: 1 });
  const [alice, carol, bob] = [await world.newAgent(), await world.newAgent(), await world.newAgent(small)];
  await world.deliver(carol, bob);
  const sent = await world.save(alice, bob);

  expect(await whyNot(world, sent)).toBe('remote-call-refused/clone-limit-reached');
  await clonesOf(world, bob).disable(bob, carol);

  await world.untilDelivered(sent);
  await expect(clonesOf(world, bob).enable(bob, carol)).rejects.toThrow(CloneLimitReachedError);
};

const noRoomHere: FaultCase = async (world) => {
  const small = await world.openBeside({ cloneLimit: 1 });
  const [alice, bob, carol] = [await world.newAgent(small), await world.newAgent(), await world.newAgent()];
  await world.deliver(alice, bob);
  const draft = world.draft(alice, carol);
  const before = await countRows(world);

  await expect(world.saveDraft(draft)).rejects.toThrow(CloneLimitReachedError);
  expect(await countRows(world)).toBe(before);

  await clonesOf(world, alice).disable(alice, bob);
  await world.untilDelivered(await world.saveDraft(draft));
};

const disabledThere: FaultCase = async (world) => {
  const [alice, bob] = await world.pair();
  const earlier = await world.deliver(alice, bob);
  await clonesOf(world, bob).disable(bob, alice);
  const sent = await world.save(alice, bob);

  expect(await whyNot(world, sent)).toBe('remote-call-refused/clone-disabled');
  await world.restart();
  expect(await stateOf(world, bob, alice)).toBe('disabled');
  expect(await world.status(earlier, bob)).toBe('delivered');
  expect(await whyNot(world, sent)).toBe('remote-call-refused/clone-disabled');
  await clonesOf(world, bob).enable(bob, alice);

  await world.untilDelivered(sent);
};

const disabledHere: FaultCase = async (world) => {
  const [alice, bob] = await world.pair();
  const earlier = await world.save(alice, bob);
  await clonesOf(world, alice).disable(alice, bob);
  const draft = world.draft(alice, bob);
  const before = await countRows(world);

  await expect(world.saveDraft(draft)).rejects.toThrow(CloneDisabledError);
  expect(await countRows(world)).toBe(before);
  expect(await whyNot(world, earlier)).toBe('clone-disabled');
  await world.restart();
  await expect(world.saveDraft(draft)).rejects.toThrow(CloneDisabledError);
  await clonesOf(world, alice).enable(alice, bob);

  await world.untilDelivered(earlier, await world.saveDraft(draft));
};

const cloneNotReady: FaultRow = {
  fault: 'F14',
  title: 'The clone is not joined or not primed, is disabled, or one too many',
  cells: {
    'source-chain': 'there are no clones: an agent has one chain for all peers, without a limit',
    'pairwise-dht': {
      'waits for an offline peer to join': peerAbsent,
      'is joined on both sides, and primed by the first record': notPrimed,
      'waits for room at the recipient, says so, and is delivered when another clone is disabled':
        noRoomThere,
      'is not saved when the author has no room, and is saved when another clone is disabled': noRoomHere,
      'waits for a peer that disabled its clone, also across a restart': disabledThere,
      'is not saved in a disabled clone, and earlier messages wait for it': disabledHere,
    },
    'global-dht': 'there are no clones: one store for everyone, and contact requests need no answer',
  },
};

export const cloneRows: readonly FaultRow[] = [cloneNotReady];
