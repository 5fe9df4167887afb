import { type NodeContext, cellDatabase } from '@musubi/cell';
import { type Rows, combineParts } from '@musubi/database';
import { deliveryDatabase } from '@musubi/delivery';
import { GlobalDhtStrategy, globalDhtDatabase } from '@musubi/global-dht';
import { historyDatabase } from '@musubi/history';
import { type Strategies } from '@musubi/messaging';
import { PairwiseDhtStrategy, pairwiseDhtDatabase } from '@musubi/pairwise-dht';
import { receiptsDatabase } from '@musubi/receipts';
import { SourceChainStrategy } from '@musubi/source-chain';
import { FenceDeletedTables1765080100000 } from './schema/fence-deleted.migration.js';
import { FenceTables1764700100000 } from './schema/fence-tables.migration.js';

/** Every table of a node. */
export const nodeDatabase = combineParts(
  cellDatabase,
  receiptsDatabase,
  historyDatabase,
  deliveryDatabase,
  pairwiseDhtDatabase,
  globalDhtDatabase,
  { entities: [], migrations: [FenceTables1764700100000, FenceDeletedTables1765080100000] },
);

/** The three strategies, which can do more than the port shows. */
export interface NodeStrategies extends Strategies<Rows> {
  readonly 'source-chain': SourceChainStrategy;
  readonly 'pairwise-dht': PairwiseDhtStrategy;
  readonly 'global-dht': GlobalDhtStrategy;
}

interface StrategyLimits {
  /** How many clones an agent may have. */
  readonly cloneLimit: number;
  /** How often mailboxes are read without a push, in milliseconds. */
  readonly mailboxPollMs: number;
}

/** The three strategies, each in the variant that the service uses. */
export function makeStrategies(
  context: NodeContext,
  { cloneLimit, mailboxPollMs }: StrategyLimits,
): NodeStrategies {
  return {
    'source-chain': new SourceChainStrategy(context),
    'pairwise-dht': new PairwiseDhtStrategy(context, { cloneLimit }),
    'global-dht': new GlobalDhtStrategy(context, { pollMs: mailboxPollMs }),
  };
}
