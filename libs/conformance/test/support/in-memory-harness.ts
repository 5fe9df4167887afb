import { randomBytes } from 'node:crypto';
import { type ChainView } from '@musubi/audit';
import {
  InMemoryStrategy,
  type ConformanceHarness,
  type ConformanceSubject,
  type StrangerRecord,
  type SubjectOptions,
} from '@musubi/conformance';
import {
  type AgentPubKey,
  type MessageDraft,
  RemoteCallUnknownError,
  SystemClock,
  parseNonce,
  parseSpaceId,
} from '@musubi/messaging';
import { type InMemoryAgent } from '../../src/in-memory/in-memory-agent.js';
import { TestNotary } from './test-notary.js';

export type InMemoryClass = new (
  options: ConstructorParameters<typeof InMemoryStrategy>[0],
) => InMemoryStrategy;

/** What is taken from everything that agents have. */
export type Published<Item> = (everybody: readonly InMemoryAgent[]) => readonly Item[];

/** What a strategy gives to agents outside the pair. */
export type Publishing = Published<StrangerRecord>;

const nothing: Publishing = () => [];

/**
 * The reference, or a strategy derived from it; nothing is shared between its cases.
 * @param published of the reference: nothing of an agent's journal is given to anybody
 */
export function inMemorySubject(
  Strategy: InMemoryClass = InMemoryStrategy,
  published: Publishing = nothing,
): ConformanceSubject {
  return {
    open: ({ ordering }) => Promise.resolve(harnessOf({ Strategy, published, ordering })),
    close: () => Promise.resolve(),
  };
}

interface InMemoryParts extends Pick<SubjectOptions, 'ordering'> {
  readonly Strategy: InMemoryClass;
  readonly published: Publishing;
}

function harnessOf({ Strategy, published, ordering }: InMemoryParts): ConformanceHarness {
  const notary = new TestNotary();
  const clock = new SystemClock(() => performance.timeOrigin + performance.now());
  const agents = new Map<AgentPubKey, InMemoryAgent>();
  let failures = 0;
  let chunksTaken = NaN;
  const beforeCommit = async (): Promise<void> => {
    await new Promise(setImmediate);
    if (failures === 0) return;
    failures -= 1;
    throw new Error('the commit was made to fail');
  };
  const afterChunk = (): void => {
    chunksTaken += 1;
    if (chunksTaken === 3) throw new RemoteCallUnknownError('the answer is lost');
  };
  const space = spaceId();
  const cursorSecret = randomBytes(32);
  const open = (): InMemoryStrategy =>
    new Strategy({
      ...{ notary, presence: notary, clock, space, agents, ordering },
      ...{ cursorSecret, beforeCommit, afterChunk },
    });
  const around = (strategy: InMemoryStrategy): ConformanceHarness => ({
    strategy,
    notary,
    clock,
    foreignSpace: spaceId(),
    newAgent: async () => {
      const agent = notary.newAgent();
      await strategy.join(agent);
      return agent;
    },
    goOffline: (agent) => {
      notary.setOnline(agent, false);
      return strategy.deactivate();
    },
    goOnline: (agent) => {
      notary.setOnline(agent, true);
      return strategy.activate(agent);
    },
    whenIdle: () => Promise.resolve(),
    draft: (author, recipient, text = 'hello'): MessageDraft => ({
      author,
      recipient,
      payload: { type: 'text', text },
      replyTo: null,
      sentAt: clock.now(),
      nonce: parseNonce(randomBytes(16).toString('base64url')),
    }),
    chainsOf: (agent) => Promise.resolve([chainView(strategy, agent)]),
    storedCount: () =>
      Promise.resolve([...agents.values()].reduce((count, agent) => count + sizeOf(agent), 0)),
    failNextCommit: () => {
      failures += 1;
    },
    handInMessage: async (caller, recipient, signed) => {
      await strategy.receive(caller, recipient, signed);
    },
    handInReceipt: async (caller, author, receipt) => {
      await strategy.receiveReceipt(caller, author, receipt);
    },
    upload: (holder, bytes) => Promise.resolve(strategy.files.put(holder, bytes)),
    contentOf: (holder, file) => Promise.resolve().then(() => strategy.files.contentOf(holder, file)),
    loseThirdChunk: () => {
      chunksTaken = 0;
      return () => chunksTaken;
    },
    tellReading: (reader, isTold) => {
      strategy.agentOf(reader).tellsReading = isTold;
      return Promise.resolve();
    },
    block: (holder, author) => {
      strategy.agentOf(holder).blocked.add(author);
      return Promise.resolve();
    },
    unblock: (holder, author) => {
      strategy.agentOf(holder).blocked.delete(author);
      return Promise.resolve();
    },
    strangerRecords: () => Promise.resolve(published([...agents.values()])),
    explain: () => Promise.resolve(null),
    // Who is online is known to the notary, which stays.
    reopen: () => Promise.resolve(around(open())),
    close: () => Promise.resolve(),
  });
  return around(open());
}

function spaceId(): ReturnType<typeof parseSpaceId> {
  return parseSpaceId(randomBytes(32).toString('base64url'));
}

function chainView(strategy: InMemoryStrategy, agent: AgentPubKey): ChainView {
  const { actions } = strategy.agentOf(agent).chain;
  return { author: agent, actions: actions.map((action) => ({ ...action, isValid: true })) };
}

function sizeOf({ chain, holdings }: InMemoryAgent): number {
  const receipts = [...holdings.values()].map((holding) => holding.receipts.size);
  return chain.actions.length + holdings.size + receipts.reduce((sum, count) => sum + count, 0);
}
