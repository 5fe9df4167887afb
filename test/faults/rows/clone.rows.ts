import { expect } from '@jest/globals';
import { type AgentPubKey, CloneDisabledError, CloneLimitReachedError } from '@musubi/messaging';
import { type Clones } from '@musubi/pairwise-dht';
import { type FaultCase, type FaultRow } from '../fault-row.js';
import { callsThatBring } from '../remote-functions.js';
import { type Sent } from '../sent.js';
import { countRows } from '../stored.js';
import { type Testbed } from '../testbed.js';

function clonesOf(testbed: Testbed, holder: AgentPubKey): Clones {
  return testbed.home(holder).strategies['pairwise-dht'].clones;
}

async function stateOf(testbed: Testbed, holder: AgentPubKey, peer: AgentPubKey): Promise<string> {
  return (await clonesOf(testbed, holder).find(holder, peer)).state;
}

/** One attempt, in vain. @returns why, as the author is told */
async function whyNot(testbed: Testbed, sent: Sent): Promise<string | null | undefined> {
  expect(await testbed.attempt(sent)).toMatchObject({ kind: 'postponed' });
  expect(await testbed.status(sent)).toBe('saved');
  return (await testbed.outboxKey(sent))?.lastError;
}

const peerAbsent: FaultCase = async (testbed) => {
  const [alice, bob] = await testbed.pair();
  await testbed.goOffline(bob);
  const sent = await testbed.save(alice, bob);

  expect(await whyNot(testbed, sent)).toBe('recipient-unreachable');
  expect(await stateOf(testbed, alice, bob)).toBe('invited');
  await testbed.goOnline(bob);

  await testbed.untilDelivered(sent);
  expect([await stateOf(testbed, alice, bob), await stateOf(testbed, bob, alice)]).toEqual([
    'primed',
    'primed',
  ]);
};

const notPrimed: FaultCase = async (testbed) => {
  const [alice, bob] = await testbed.pair();
  testbed.node.faults.set([{ fault: { kind: 'not-sent' }, fn: callsThatBring(testbed.strategy), times: 1 }]);
  const sent = await testbed.save(alice, bob);

  expect(await whyNot(testbed, sent)).toBe('recipient-unreachable');
  expect([await stateOf(testbed, alice, bob), await stateOf(testbed, bob, alice)]).toEqual([
    'joined',
    'joined',
  ]);

  await testbed.untilDelivered(sent);
  expect([await stateOf(testbed, alice, bob), await stateOf(testbed, bob, alice)]).toEqual([
    'primed',
    'primed',
  ]);
};

const noRoomThere: FaultCase = async (testbed) => {
  const small = await testbed.another({ cloneLimit: 1 });
  const [alice, carol, bob] = [
    await testbed.newAgent(),
    await testbed.newAgent(),
    await testbed.newAgent(small),
  ];
  await testbed.deliver(carol, bob);
  const sent = await testbed.save(alice, bob);

  expect(await whyNot(testbed, sent)).toBe('remote-call-refused/clone-limit-reached');
  await clonesOf(testbed, bob).disable(bob, carol);

  await testbed.untilDelivered(sent);
  await expect(clonesOf(testbed, bob).enable(bob, carol)).rejects.toThrow(CloneLimitReachedError);
};

const noRoomHere: FaultCase = async (testbed) => {
  const small = await testbed.another({ cloneLimit: 1 });
  const [alice, bob, carol] = [
    await testbed.newAgent(small),
    await testbed.newAgent(),
    await testbed.newAgent(),
  ];
  await testbed.deliver(alice, bob);
  const draft = testbed.draft(alice, carol);
  const own = { database: testbed.databaseOf(alice) };
  const before = await countRows(own);

  await expect(testbed.saveDraft(draft)).rejects.toThrow(CloneLimitReachedError);
  expect(await countRows(own)).toBe(before);

  await clonesOf(testbed, alice).disable(alice, bob);
  await testbed.untilDelivered(await testbed.saveDraft(draft));
};

const disabledThere: FaultCase = async (testbed) => {
  const [alice, bob] = await testbed.pair();
  const earlier = await testbed.deliver(alice, bob);
  await clonesOf(testbed, bob).disable(bob, alice);
  const sent = await testbed.save(alice, bob);

  expect(await whyNot(testbed, sent)).toBe('remote-call-refused/clone-disabled');
  await testbed.restart();
  expect(await stateOf(testbed, bob, alice)).toBe('disabled');
  expect(await testbed.status(earlier, bob)).toBe('delivered');
  expect(await whyNot(testbed, sent)).toBe('remote-call-refused/clone-disabled');
  await clonesOf(testbed, bob).enable(bob, alice);

  await testbed.untilDelivered(sent);
};

const disabledHere: FaultCase = async (testbed) => {
  const [alice, bob] = await testbed.pair();
  const earlier = await testbed.save(alice, bob);
  await clonesOf(testbed, alice).disable(alice, bob);
  const draft = testbed.draft(alice, bob);
  const before = await countRows(testbed);

  await expect(testbed.saveDraft(draft)).rejects.toThrow(CloneDisabledError);
  expect(await countRows(testbed)).toBe(before);
  expect(await whyNot(testbed, earlier)).toBe('clone-disabled');
  await testbed.restart();
  await expect(testbed.saveDraft(draft)).rejects.toThrow(CloneDisabledError);
  await clonesOf(testbed, alice).enable(alice, bob);

  await testbed.untilDelivered(earlier, await testbed.saveDraft(draft));
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
