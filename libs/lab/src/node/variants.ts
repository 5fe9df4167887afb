import { type NodeContext } from '@musubi/cell';
import { type DatabaseParts, combineParts } from '@musubi/database';
import {
  type SourceChainVariation,
  agentKeyAddressing,
  countersigningDatabase,
  sourceChainExperiment,
} from '@musubi/experiments';
import { GlobalDhtStrategy } from '@musubi/global-dht';
import { type MessagingStrategy, type StrategyName } from '@musubi/messaging';
import { nodeDatabase } from '@musubi/node';
import { PairwiseDhtStrategy } from '@musubi/pairwise-dht';

/** A placement with its options, as it can be asked for by name. */
export interface Variant {
  readonly name: string;
  readonly strategy: StrategyName;
  /** The options by name, the default ones among them. */
  readonly options: Readonly<Record<string, string>>;
  readonly ordering: 'relaxed' | 'strict';
  /**
   * How a saved message reaches its recipient: the process that saved it takes the next steps, or the save and its hook
   * have done everything.
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
  whenIdle(): Promise<void>;
  /** What a service does again and again, and a simulation when time has gone by; absent where there is nothing. */
  readonly poller?: LabPoller;
}

export interface LabPoller {
  /** Looks for what no push told of. @param elapsedMs since the last time */
  poll(elapsedMs: number): Promise<void>;
  /** Moves on with the days, and looks for nothing. */
  turn(): void;
}
/** Sessions of agents on one machine are over in milliseconds. */
const SESSION_MS = 1_000;

/** The tables of all variants. */
export const labDatabase: DatabaseParts = combineParts(nodeDatabase, countersigningDatabase);

function sourceChain(
  name: string,
  options: SourceChainVariation,
  ordering: Variant['ordering'] = 'relaxed',
): Variant {
  const { protocol = 'granular', envelope = 'salted', times = 'day' } = options;
  return {
    name,
    strategy: 'source-chain',
    options: { ordering, protocol, envelope, times },
    ordering,
    act: protocol === 'post-commit' || protocol === 'veto' ? 'in-save' : 'stepwise',
    answer: 'reply',
    open: (node) => sourceChainExperiment(node, { ...options, sessionMs: SESSION_MS }),
  };
}

type Links = 'derived' | 'agent-key';

const LINKS = { derived: {}, 'agent-key': { addressing: agentKeyAddressing } } as const;

function globalDht(name: string, { links, answers }: { links: Links; answers: boolean }): Variant {
  return {
    name,
    strategy: 'global-dht',
    options: { ordering: 'relaxed', links },
    ordering: 'relaxed',
    act: 'stepwise',
    answer: 'mailbox',
    open: (node) => {
      const strategy = new GlobalDhtStrategy(node, { ...LINKS[links], answers, pollMs: null });
      // A letter, the receipt it gives rise to, and one more for what a push has just begun.
      const whenIdle = async (): Promise<void> => {
        for (let round = 0; round < 3; round += 1) await strategy.whenIdle();
      };
      return { strategy, whenIdle, poller: strategy };
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
    whenIdle: () => Promise.resolve(),
  }),
};

/** Everything that can be compared; the first of each strategy is its default. */
export const VARIANTS: readonly Variant[] = [
  sourceChain('source-chain', {}),
  sourceChain('source-chain/strict', {}, 'strict'),
  sourceChain('source-chain/shared', { envelope: 'shared' }),
  sourceChain('source-chain/precise', { times: 'precise' }),
  sourceChain('source-chain/post-commit', { protocol: 'post-commit' }),
  sourceChain('source-chain/veto', { protocol: 'veto' }),
  sourceChain('source-chain/countersigned', { protocol: 'countersigned' }),
  pairwiseDht,
  globalDht('global-dht', { links: 'derived', answers: true }),
  globalDht('global-dht/agent-key', { links: 'agent-key', answers: true }),
];

/** The default of `global-dht`, whose recipients keep their receipts to themselves. */
export const UNANSWERED: Variant = globalDht('global-dht', { links: 'derived', answers: false });
