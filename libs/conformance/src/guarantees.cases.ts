import { expect } from '@jest/globals';
import { GUARANTEE_PROBES, type ProbeSubject, type Refusals, type StrangersView } from '@musubi/audit';
import {
  type AgentPubKey,
  CloneLimitReachedError,
  GUARANTEE_NAMES,
  type GuaranteeName,
  HeadMovedError,
  RecipientUnreachableError,
  RemoteCallRefusedError,
} from '@musubi/messaging';
import { agents } from './acts.js';
import { type Case } from './cases.js';
import { type ConformanceHarness, type StrangerRecord } from './harness.js';

/** How a promise is shown to be kept, and how it is shown to be broken: there is no third way. */
interface GuaranteeCase {
  readonly holds: Case;
  readonly broken: Case;
}

export const PEER_LIMIT = 3;
/** A collision that is there shows in one of so many rounds. */
const ROUNDS = 20;

function probe(name: GuaranteeName, harness: ConformanceHarness, rounds: number): Promise<Refusals> {
  return GUARANTEE_PROBES[name].probe(subjectOf(harness), rounds);
}

function subjectOf(harness: ConformanceHarness): ProbeSubject {
  return {
    strategy: harness.strategy,
    peerLimit: PEER_LIMIT,
    newAgent: () => harness.newAgent(),
    goOffline: (agent) => harness.goOffline(agent),
    goOnline: (agent) => harness.goOnline(agent),
    draft: (from, to) => harness.draft(from, to),
    send: (ref) => harness.strategy.send(ref),
    whenIdle: () => harness.whenIdle(),
    strangersView: async (pair) => viewOf(await harness.strangerRecords(), pair),
  };
}

function viewOf(records: readonly StrangerRecord[], pair: readonly AgentPubKey[]): StrangersView {
  const names = ({ bytes }: StrangerRecord, agent: AgentPubKey): boolean =>
    Buffer.from(bytes).includes(Buffer.from(agent, 'base64url'));
  const bodies = records.filter(({ hasBody }) => hasBody);
  return {
    bodyBytes: bodies.reduce((sum, { bytes }) => sum + bytes.length, 0),
    namingBoth: records.filter((record) => pair.every((agent) => names(record, agent))).length,
    sharedHashes: sharedHashesIn(records),
  };
}

/** An entry repeats the hash that its own action shows; two actions never should show the same. */
function sharedHashesIn(records: readonly StrangerRecord[]): number {
  const times = new Map<string, number>();
  for (const { hashes } of records.filter(({ kind }) => kind === 'action')) {
    for (const hash of new Set(hashes)) times.set(hash, (times.get(hash) ?? 0) + 1);
  }
  return [...times.values()].filter((count) => count > 1).length;
}

/** What tells a caller that a promise is not made, where a caller is told. */
const TELLING: Readonly<Record<GuaranteeName, ((error: unknown) => boolean) | null>> = {
  concurrentReceive: (error) => error instanceof RemoteCallRefusedError && error.reason === 'head-moved',
  concurrentSave: (error) => error instanceof HeadMovedError,
  offlineDelivery: (error) => error instanceof RecipientUnreachableError,
  unboundedPeers: (error) => error instanceof CloneLimitReachedError,
  bodyStaysWithPair: null,
  hidesPeers: null,
  unlinkableCopies: null,
};

function caseOf(name: GuaranteeName): GuaranteeCase {
  return {
    holds: async (harness) => {
      expect(await probe(name, harness, 1)).toEqual({ count: 0, errors: [] });
    },
    broken: async (harness) => {
      const { count, errors } = await probe(name, harness, ROUNDS);
      expect(count).toBeGreaterThan(0);
      expect(TELLING[name] === null || errors.some(TELLING[name])).toBe(true);
    },
  };
}

/** A refused peer costs nothing. */
async function refusesWithoutWriting(harness: ConformanceHarness): Promise<void> {
  const author = await harness.newAgent();
  const [beyond, ...peers] = await agents(harness, PEER_LIMIT + 1);
  if (beyond === undefined) throw new Error('there is a peer beyond the limit');
  for (const peer of peers) await harness.strategy.save(harness.draft(author, peer));
  const stored = await harness.storedCount();

  const saving = harness.strategy.save(harness.draft(author, beyond));

  await expect(saving).rejects.toThrow(CloneLimitReachedError);
  expect(await harness.storedCount()).toBe(stored);
}

const cases = Object.fromEntries(GUARANTEE_NAMES.map((name) => [name, caseOf(name)])) as Record<
  GuaranteeName,
  GuaranteeCase
>;

/** Each guarantee is proven by the probe that the lab uses too, whether it is declared or not. */
export const guaranteeCases: Readonly<Record<GuaranteeName, GuaranteeCase>> = {
  ...cases,
  unboundedPeers: {
    holds: cases.unboundedPeers.holds,
    broken: async (harness) => {
      await cases.unboundedPeers.broken(harness);
      await refusesWithoutWriting(harness);
    },
  },
};
