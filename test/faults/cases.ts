import { STRATEGY_NAMES, type StrategyName } from '@musubi/messaging';
import { type FaultCase, type FaultRow } from './fault-row.js';

export interface NamedCase {
  readonly strategy: StrategyName;
  readonly name: string;
  readonly bring: FaultCase;
}

export function casesOf({ cells }: FaultRow): readonly NamedCase[] {
  return STRATEGY_NAMES.flatMap((strategy) => {
    const cell = cells[strategy];
    const cases = typeof cell === 'string' ? [] : Object.entries(cell);
    return cases.map(([name, bring]) => ({ strategy, name, bring }));
  });
}

/**
 * Every case of the placements whose cells call one another is played between two nodes as well, but for these: the case,
 * and why not.
 */
export const NOT_BETWEEN_NODES: Readonly<Record<string, string>> = {
  'delivers a message once when both find it in the outbox':
    'a node with links has one process, and so its outbox has one',
};

export function casesBetweenNodes(row: FaultRow): readonly NamedCase[] {
  return casesOf(row).filter(
    ({ name, strategy }) => strategy !== 'global-dht' && !(name in NOT_BETWEEN_NODES),
  );
}
