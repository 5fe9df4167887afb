import { type NodeContext, cellDatabase } from '@musubi/cell';
import { type DatabaseParts, combineParts } from '@musubi/database';
import { deliveryDatabase } from '@musubi/delivery';
import { type GlobalDhtOptions, GlobalDhtStrategy, globalDhtDatabase } from '@musubi/global-dht';
import { historyDatabase } from '@musubi/history';
import { type MessagingStrategy, type StrategyName } from '@musubi/messaging';
import { PairwiseDhtStrategy, pairwiseDhtDatabase } from '@musubi/pairwise-dht';
import { receiptsDatabase } from '@musubi/receipts';
import { type SourceChainOptions, SourceChainStrategy, countersigningDatabase } from '@musubi/source-chain';

/** A placement with its options, as it can be asked for by name. */
export interface Variant {
  readonly name: string;
  readonly strategy: StrategyName;
  /** The options by name, the default ones among them. */
  readonly options: Readonly<Record<string, string>>;
  readonly ordering: 'relaxed' | 'strict';
  /**
   * Who brings a saved message to its recipient: whoever saved it, step by step; or nobody any more, since the
   * save itself, or a hook of its own, does all there is to do.
   */
  readonly act: 'stepwise' | 'in-save';
  /** How the author comes to the receipt: with the reply to its call, or by looking into its mailbox. */
  readonly answer: 'reply' | 'mailbox';
  open(node: NodeContext, limits: Limits): LabStrategy;
}

/** What a node allows its agents; placements to which a limit means nothing ignore it. */
export interface Limits {
  /** How many clones an agent may have. */
  readonly cloneLimit: number;
}

/** A strategy, and how to wait until nothing is under way that no caller waits for. */
export interface LabStrategy {
  readonly strategy: MessagingStrategy;
  settle(): Promise<void>;
}

/** Nobody waits for a poll: letters are pushed. Some 23 days, about as long as a timer can be set. */
const POLL_MS = 2_000_000_000;
/** Sessions of agents on one machine are over in milliseconds. */
const SESSION_MS = 1_000;

/** The tables of all variants. */
export const labDatabase: DatabaseParts = combineParts(
  cellDatabase,
  receiptsDatabase,
  historyDatabase,
  deliveryDatabase,
  pairwiseDhtDatabase,
  globalDhtDatabase,
  countersigningDatabase,
);

function sourceChain(
  name: string,
  options: SourceChainOptions,
  ordering: Variant['ordering'] = 'relaxed',
): Variant {
  const { protocol = 'granular', envelope = 'salted' } = options;
  return {
    name,
    strategy: 'source-chain',
    options: { ordering, protocol, envelope },
    ordering,
    act: protocol === 'post-commit' || protocol === 'veto' ? 'in-save' : 'stepwise',
    answer: 'reply',
    open: (node) => {
      const strategy = new SourceChainStrategy(node, { ...options, sessionMs: SESSION_MS });
      return { strategy, settle: () => strategy.settle() };
    },
  };
}

function globalDht(name: string, options: Omit<GlobalDhtOptions, 'pollMs'>): Variant {
  return {
    name,
    strategy: 'global-dht',
    options: { ordering: 'relaxed', links: options.links },
    ordering: 'relaxed',
    act: 'stepwise',
    answer: 'mailbox',
    open: (node) => {
      const strategy = new GlobalDhtStrategy(node, { ...options, pollMs: POLL_MS });
      // A letter, the receipt it gives rise to, and one more for what a push has just begun.
      const settle = async (): Promise<void> => {
        for (let round = 0; round < 3; round += 1) await strategy.settle();
      };
      return { strategy, settle };
    },
  };
}

const pairwiseDht: Variant = {
  name: 'pairwise-dht',
  strategy: 'pairwise-dht',
  options: { ordering: 'relaxed', space: 'clone' },
  ordering: 'relaxed',
  act: 'stepwise',
  answer: 'reply',
  open: (node, { cloneLimit }) => ({
    strategy: new PairwiseDhtStrategy(node, { cloneLimit }),
    settle: () => Promise.resolve(),
  }),
};

/** Everything that can be compared; the first of each strategy is its default. */
export const VARIANTS: readonly Variant[] = [
  sourceChain('source-chain', {}),
  sourceChain('source-chain/strict', {}, 'strict'),
  sourceChain('source-chain/shared', { envelope: 'shared' }),
  sourceChain('source-chain/post-commit', { protocol: 'post-commit' }),
  sourceChain('source-chain/veto', { protocol: 'veto' }),
  sourceChain('source-chain/countersigned', { protocol: 'countersigned' }),
  pairwiseDht,
  globalDht('global-dht', { links: 'derived' }),
  globalDht('global-dht/agent-key', { links: 'agent-key' }),
];

/** The default of `global-dht`, whose recipients keep their receipts to themselves. */
export const UNANSWERED: Variant = globalDht('global-dht', { links: 'derived', receipts: 'withheld' });
