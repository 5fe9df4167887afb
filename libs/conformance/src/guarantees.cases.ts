import { expect } from '@jest/globals';
import {
  type AgentPubKey,
  CloneLimitReachedError,
  type Guarantees,
  HeadMovedError,
  RecipientUnreachableError,
  RemoteCallRefusedError,
} from '@musubi/messaging';
import { act, agents, holds, pair, untilStatus } from './acts.js';
import { type Case } from './cases.js';
import { CROWD, saveAtOnce } from './concurrency.cases.js';
import { type ConformanceHarness, type StrangerRecord } from './harness.js';

/** How a promise is shown to be kept, and how it is shown to be broken: there is no third way. */
export interface GuaranteeCase {
  readonly holds: Case;
  readonly broken: Case;
}

export const PEER_LIMIT = 3;
const ROUNDS = 20;

async function sendAtOnce(harness: ConformanceHarness): Promise<readonly unknown[]> {
  const bob = await harness.newAgent();
  const senders = await agents(harness, 8);
  const refs = await Promise.all(
    senders.map(async (sender) => {
      const { message } = await harness.strategy.save(harness.draft(sender, bob));
      return { holder: sender, message };
    }),
  );
  const results = await Promise.allSettled(refs.map((ref) => harness.strategy.send(ref)));
  return results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []));
}

const concurrentReceive: GuaranteeCase = {
  holds: async (harness) => {
    expect(await sendAtOnce(harness)).toEqual([]);
  },
  broken: async (harness) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const refused = await sendAtOnce(harness);
      if (refused.some((error) => error instanceof RemoteCallRefusedError && error.reason === 'head-moved'))
        return;
    }
    throw new Error(`no sender was refused in ${ROUNDS} rounds`);
  },
};

const concurrentSave: GuaranteeCase = {
  holds: async (harness) => {
    expect((await saveAtOnce(harness)).landed).toHaveLength(CROWD);
  },
  broken: async (harness) => {
    const { errors } = await saveAtOnce(harness);
    expect(errors.some((error) => error instanceof HeadMovedError)).toBe(true);
  },
};

const offlineDelivery: GuaranteeCase = {
  holds: async (harness) => {
    const [alice, bob] = await pair(harness);
    await harness.goOffline(bob);
    const { message } = await harness.strategy.save(harness.draft(alice, bob));
    await harness.strategy.send({ holder: alice, message });
    await harness.goOffline(alice);

    await harness.goOnline(bob);
    await untilStatus(harness, { holder: bob, message }, 'delivered');
    await harness.goOffline(bob);
    await harness.goOnline(alice);

    expect((await untilStatus(harness, { holder: alice, message }, 'delivered')).status).toBe('delivered');
  },
  broken: async (harness) => {
    const [alice, bob] = await pair(harness);
    await harness.goOffline(bob);
    const { message } = await harness.strategy.save(harness.draft(alice, bob));

    const sending = harness.strategy.send({ holder: alice, message });
    await expect(sending).rejects.toThrow(RecipientUnreachableError);
    await harness.goOffline(alice);
    await harness.goOnline(bob);

    expect(await holds(harness, bob, message)).toBe(false);
  },
};

const unboundedPeers: GuaranteeCase = {
  holds: async (harness) => {
    const alice = await harness.newAgent();
    const peers = await agents(harness, PEER_LIMIT + 2);

    for (const peer of peers) await harness.strategy.save(harness.draft(alice, peer));

    const { items } = await harness.strategy.messages.conversations(alice, { limit: 50 });
    expect(items).toHaveLength(PEER_LIMIT + 2);
  },
  broken: async (harness) => {
    const alice = await harness.newAgent();
    const peers = await agents(harness, PEER_LIMIT);
    for (const peer of peers) await harness.strategy.save(harness.draft(alice, peer));
    const oneMore = await harness.newAgent();
    const stored = await harness.storedCount();

    await expect(harness.strategy.save(harness.draft(alice, oneMore))).rejects.toThrow(
      CloneLimitReachedError,
    );

    expect(await harness.storedCount()).toBe(stored);
  },
};

/** How many bodies strangers are given for one delivered message. */
async function bodiesForStrangers(harness: ConformanceHarness): Promise<number> {
  const count = async (): Promise<number> =>
    (await harness.strangerRecords()).filter(({ hasBody }) => hasBody).length;
  const [alice, bob] = await pair(harness);
  const before = await count();
  await act(harness, harness.draft(alice, bob));
  return (await count()) - before;
}

const bodyStaysWithPair: GuaranteeCase = {
  holds: async (harness) => {
    expect(await bodiesForStrangers(harness)).toBe(0);
  },
  broken: async (harness) => {
    expect(await bodiesForStrangers(harness)).toBeGreaterThan(0);
  },
};

async function recordsNamingBoth(harness: ConformanceHarness): Promise<readonly StrangerRecord[]> {
  const [alice, bob] = await pair(harness);
  const { message } = await act(harness, harness.draft(alice, bob));
  await harness.strategy.read({ holder: bob, message: message.id });
  await harness.strategy.sendReceipt({ holder: bob, message: message.id });
  const names = (record: StrangerRecord, agent: AgentPubKey): boolean =>
    Buffer.from(record.bytes).includes(Buffer.from(agent, 'base64url'));
  return (await harness.strangerRecords()).filter((record) => names(record, alice) && names(record, bob));
}

const hidesPeers: GuaranteeCase = {
  holds: async (harness) => {
    expect(await recordsNamingBoth(harness)).toEqual([]);
  },
  broken: async (harness) => {
    expect((await recordsNamingBoth(harness)).length).toBeGreaterThan(0);
  },
};

/** Hashes that strangers can read in what each of the two sides wrote for one message. */
async function hashesInCommon(harness: ConformanceHarness): Promise<readonly string[]> {
  const [alice, bob] = await pair(harness);
  await act(harness, harness.draft(alice, bob));
  const hashes = async (): Promise<Set<string>> =>
    new Set((await harness.strangerRecords()).flatMap((record) => record.hashes));
  const before = await hashes();
  const { message } = await harness.strategy.save(harness.draft(alice, bob));
  const authored = [...(await hashes())].filter((hash) => !before.has(hash));
  await harness.strategy.send({ holder: alice, message });
  await untilStatus(harness, { holder: bob, message }, 'delivered');
  const records = await harness.strangerRecords();
  return authored.filter((hash) => records.filter((record) => isActionOf(record, hash)).length > 1);
}

/** An entry repeats the hash that its own action shows; two actions never should show the same. */
function isActionOf(record: StrangerRecord, hash: string): boolean {
  return record.kind === 'action' && record.hashes.includes(hash);
}

const unlinkableCopies: GuaranteeCase = {
  holds: async (harness) => {
    expect(await hashesInCommon(harness)).toEqual([]);
  },
  broken: async (harness) => {
    expect((await hashesInCommon(harness)).length).toBeGreaterThan(0);
  },
};

/** A guarantee without its pair of cases does not compile. */
export const guaranteeCases: Readonly<Record<keyof Guarantees, GuaranteeCase>> = {
  concurrentReceive,
  concurrentSave,
  offlineDelivery,
  unboundedPeers,
  bodyStaysWithPair,
  hidesPeers,
  unlinkableCopies,
};
