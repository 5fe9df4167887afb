import { expect } from '@jest/globals';
import pMap from 'p-map';
import { type AgentPubKey, HeadMovedError, type SignedReceipt } from '@musubi/messaging';
import { act, agents, expectLinearChains, pair, untilStatus } from './acts.js';
import { type Case, type Cases } from './cases.js';
import { type ConformanceHarness } from './harness.js';

export const CROWD = 32;

interface Outcomes {
  readonly author: AgentPubKey;
  readonly landed: readonly SignedReceipt[];
  readonly errors: readonly unknown[];
}

/** One author saves as many messages as there are in a crowd, all at the same moment. */
async function saveAtOnce(harness: ConformanceHarness): Promise<Outcomes> {
  const [alice, bob] = await pair(harness);
  await harness.strategy.save(harness.draft(alice, bob, 'so that the chain is there'));
  const drafts = Array.from({ length: CROWD }, (_, index) => harness.draft(alice, bob, `message ${index}`));
  const results = await Promise.allSettled(drafts.map((draft) => harness.strategy.save(draft)));
  return {
    author: alice,
    landed: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    errors: results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : [])),
  };
}

async function listedCount(harness: ConformanceHarness, holder: AgentPubKey): Promise<number> {
  const { items } = await harness.strategy.messages.list(holder, { anchor: { at: 'latest' }, limit: 200 });
  return items.length;
}

const manyToOne: Case = async (harness) => {
  const bob = await harness.newAgent();
  const senders = await agents(harness, CROWD);

  const sent = await Promise.all(senders.map((sender) => act(harness, harness.draft(sender, bob))));

  expect(sent.every(({ status }) => status === 'delivered')).toBe(true);
  expect(await listedCount(harness, bob)).toBe(CROWD);
  await expectLinearChains(harness, [bob, ...senders]);
};

const bothWays: Case = async (harness) => {
  const [alice, bob] = await pair(harness);
  const drafts = Array.from({ length: 8 }, (_, index) =>
    index % 2 === 0 ? harness.draft(alice, bob) : harness.draft(bob, alice),
  );

  await Promise.all(drafts.map((draft) => act(harness, draft)));

  expect(await listedCount(harness, alice)).toBe(8);
  expect(await listedCount(harness, bob)).toBe(8);
  await expectLinearChains(harness, [alice, bob]);
};

const relaxedAllLand: Case = async (harness) => {
  const { author, landed } = await saveAtOnce(harness);

  expect(landed).toHaveLength(CROWD);
  expect(await listedCount(harness, author)).toBe(CROWD + 1);
  await expectLinearChains(harness, [author]);
};

/** Under relaxed ordering a moved head is nobody's problem. */
export const relaxedCases: Cases = {
  [`delivers ${CROWD} messages from ${CROWD} senders to one recipient at once`]: manyToOne,
  'delivers between two agents who write to each other at once': bothWays,
  [`lands all of ${CROWD} saves that one author makes at once`]: relaxedAllLand,
};

const strictLosersAreTold: Case = async (harness) => {
  const { author, landed, errors } = await saveAtOnce(harness);

  expect(landed.length).toBeGreaterThan(0);
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.every((error) => error instanceof HeadMovedError)).toBe(true);
  expect(await listedCount(harness, author)).toBe(landed.length + 1);
  await expectLinearChains(harness, [author]);
};

const strictInTheEnd: Case = async (harness) => {
  const bob = await harness.newAgent();
  const senders = await agents(harness, 8);

  await pMap(senders, async (sender) => {
    const { message } = await harness.strategy.save(harness.draft(sender, bob));
    const ref = { holder: sender, message };
    await sendUntilTaken(harness, ref);
    await untilStatus(harness, { holder: bob, message }, 'delivered');
  });

  expect(await listedCount(harness, bob)).toBe(8);
  await expectLinearChains(harness, [bob, ...senders]);
};

async function sendUntilTaken(
  harness: ConformanceHarness,
  ref: Parameters<ConformanceHarness['strategy']['send']>[0],
): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      await harness.strategy.send(ref);
      return;
    } catch {
      await harness.clock.sleep(attempt);
    }
  }
  throw new Error('never taken');
}

/** Under strict ordering the losers are told, and may try again. */
export const strictCases: Cases = {
  [`tells the losers of ${CROWD} saves that one author makes at once`]: strictLosersAreTold,
  'delivers to one recipient from many senders who try again': strictInTheEnd,
};
