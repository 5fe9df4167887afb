import { type NodeContext } from '@musubi/cell';
import { type RandomBytes } from '@musubi/crypto';
import { type SourceChainOptions, SourceChainStrategy } from '@musubi/source-chain';
import { CountersignedSourceChain } from './countersigned/countersigned.source-chain.js';
import { PostCommitSourceChain } from './post-commit.source-chain.js';
import {
  type ActionTimes,
  type Envelope,
  type Protocol,
  type SourceChainVariation,
} from './source-chain.options.js';
import { VetoSourceChain } from './veto.source-chain.js';

const DEFAULT_SESSION_MS = 10_000;

/** A strategy, and how to wait until nothing is under way that no caller waits for. */
export interface SourceChainExperiment {
  readonly strategy: SourceChainStrategy;
  readonly whenIdle: () => Promise<void>;
}

type Make = (node: NodeContext, options: SourceChainOptions, sessionMs: number) => SourceChainExperiment;

const idle = (): Promise<void> => Promise.resolve();

const MAKE: Readonly<Record<Protocol, Make>> = {
  granular: (node, options) => ({ strategy: new SourceChainStrategy(node, options), whenIdle: idle }),
  'post-commit': (node, options) => {
    const strategy = new PostCommitSourceChain(node, options);
    return { strategy, whenIdle: () => strategy.whenIdle() };
  },
  veto: (node, options) => ({ strategy: new VetoSourceChain(node, options), whenIdle: idle }),
  countersigned: (node, options, sessionMs) => ({
    strategy: new CountersignedSourceChain(node, sessionMs, options),
    whenIdle: idle,
  }),
};

/** One entry for both chains: what it hashes to is all its content. */
const noSalt: RandomBytes = (length) => new Uint8Array(length);

const ENVELOPE: Readonly<Record<Envelope, SourceChainOptions>> = {
  salted: {},
  shared: { salt: noSalt, guarantees: { unlinkableCopies: false } },
};

const TIMES: Readonly<Record<ActionTimes, SourceChainOptions>> = {
  day: {},
  precise: { shownTime: (at) => at },
};

/** The placement `source-chain`, varied. */
export function sourceChainExperiment(
  node: NodeContext,
  variation: SourceChainVariation = {},
): SourceChainExperiment {
  const { protocol = 'granular', envelope = 'salted', times = 'day' } = variation;
  const { sessionMs = DEFAULT_SESSION_MS } = variation;
  return MAKE[protocol](node, { ...ENVELOPE[envelope], ...TIMES[times] }, sessionMs);
}
