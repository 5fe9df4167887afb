import { randomBytes } from 'node:crypto';
import { type ChainView } from '@musubi/audit';
import {
  InMemoryStrategy,
  type ConformanceHarness,
  type ConformanceSubject,
  type SubjectOptions,
} from '@musubi/conformance';
import {
  type AgentPubKey,
  type MessageDraft,
  SystemClock,
  parseNonce,
  parseSpaceId,
} from '@musubi/messaging';
import { TestNotary } from './test-notary.js';

export type InMemoryClass = new (
  options: ConstructorParameters<typeof InMemoryStrategy>[0],
) => InMemoryStrategy;

/** The reference, or a strategy derived from it; nothing is shared between its cases. */
export function inMemorySubject(Strategy: InMemoryClass = InMemoryStrategy): ConformanceSubject {
  return {
    open: ({ ordering }) => Promise.resolve(harnessOf(Strategy, ordering)),
    close: () => Promise.resolve(),
  };
}

function harnessOf(Strategy: InMemoryClass, ordering: SubjectOptions['ordering']): ConformanceHarness {
  const notary = new TestNotary();
  const clock = new SystemClock(() => performance.timeOrigin + performance.now());
  const agents: AgentPubKey[] = [];
  let failures = 0;
  const beforeCommit = async (): Promise<void> => {
    await new Promise(setImmediate);
    if (failures === 0) return;
    failures -= 1;
    throw new Error('the commit was made to fail');
  };
  const space = spaceId();
  const strategy = new Strategy({
    notary,
    presence: notary,
    clock,
    space,
    ordering,
    cursorSecret: randomBytes(32),
    beforeCommit,
  });
  return {
    strategy,
    notary,
    clock,
    foreignSpace: spaceId(),
    newAgent: () => {
      const agent = notary.newAgent();
      agents.push(agent);
      return Promise.resolve(agent);
    },
    goOffline: (agent) => {
      notary.setOnline(agent, false);
      return Promise.resolve();
    },
    goOnline: (agent) => {
      notary.setOnline(agent, true);
      return Promise.resolve();
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
    storedCount: () => Promise.resolve(agents.reduce((count, agent) => count + sizeOf(strategy, agent), 0)),
    failNextCommit: () => {
      failures += 1;
    },
    handInMessage: async (caller, recipient, signed) => {
      await strategy.receive(caller, recipient, signed);
    },
    handInReceipt: async (caller, author, receipt) => {
      await strategy.receiveReceipt(caller, author, receipt);
    },
    // Nothing of an agent's journal is given to anybody.
    strangerRecords: () => Promise.resolve([]),
    explain: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
}

function spaceId(): ReturnType<typeof parseSpaceId> {
  return parseSpaceId(randomBytes(32).toString('base64url'));
}

function chainView(strategy: InMemoryStrategy, agent: AgentPubKey): ChainView {
  const { actions } = strategy.agentOf(agent).chain;
  return { author: agent, actions: actions.map((action) => ({ ...action, isValid: true })) };
}

function sizeOf(strategy: InMemoryStrategy, agent: AgentPubKey): number {
  const { chain, holdings } = strategy.agentOf(agent);
  const receipts = [...holdings.values()].map((holding) => holding.receipts.size);
  return chain.actions.length + holdings.size + receipts.reduce((sum, count) => sum + count, 0);
}
