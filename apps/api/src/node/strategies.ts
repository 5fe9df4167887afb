import { type NodeContext } from '@musubi/cell';
import { GlobalDhtStrategy } from '@musubi/global-dht';
import { type Strategies } from '@musubi/messaging';
import { PairwiseDhtStrategy } from '@musubi/pairwise-dht';
import { SourceChainStrategy } from '@musubi/source-chain';
import { type Config } from '../config/config.js';

/** The placements, of which one has more to it than the port shows. */
export interface ServiceStrategies extends Strategies {
  readonly 'pairwise-dht': PairwiseDhtStrategy;
}

/** The placements the service offers, each in its default variant. */
export function makeStrategies(node: NodeContext, config: Config): ServiceStrategies {
  return {
    'source-chain': new SourceChainStrategy(node),
    'pairwise-dht': new PairwiseDhtStrategy(node, { cloneLimit: config.cloneLimit }),
    'global-dht': new GlobalDhtStrategy(node, { links: 'derived', pollMs: config.mailboxPollMs }),
  };
}

/** What the service uses of each placement, by name. */
export const VARIANTS: Readonly<Record<keyof Strategies, Readonly<Record<string, string>>>> = {
  'source-chain': { ordering: 'relaxed', protocol: 'granular', envelope: 'salted' },
  'pairwise-dht': { ordering: 'relaxed', space: 'clone' },
  'global-dht': { ordering: 'relaxed', links: 'derived' },
};
