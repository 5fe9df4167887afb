import { type Rows } from '@musubi/database';
import { type MessagingStrategy, type Strategies, type StrategyName } from '@musubi/messaging';

/** A strategy as a request names it: none knows which one it has. */
export type ServiceStrategy = MessagingStrategy<StrategyName, Rows>;

/** What the service uses of each placement, by name. */
export const VARIANTS: Readonly<Record<keyof Strategies, Readonly<Record<string, string>>>> = {
  'source-chain': { ordering: 'relaxed', protocol: 'granular', envelope: 'salted', times: 'day' },
  'pairwise-dht': { ordering: 'relaxed', space: 'clone' },
  'global-dht': { ordering: 'relaxed', links: 'derived' },
};
