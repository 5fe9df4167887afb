import { type StrategyName } from '@musubi/messaging';

/** The function that brings a message, by the placements that call the recipient. */
const BRINGS: Readonly<Partial<Record<StrategyName, string>>> = {
  'source-chain': 'source-chain/receive_message',
  'pairwise-dht': 'pairwise-dht/integrate_records',
};

/** @throws Error where nobody is called */
export function callsThatBring(strategy: StrategyName): string {
  const fn = BRINGS[strategy];
  if (fn === undefined) throw new Error(`${strategy} calls nobody`);
  return fn;
}
