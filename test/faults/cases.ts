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

/** Rows whose cases are played between two nodes as well, on the placements whose cells call one another. */
const ROWS_BETWEEN_NODES = ['F2', 'F3', 'F5', 'F6', 'F7', 'F8', 'F9', 'F10', 'F14'];

/** Of those, the cases that need a second process on one database, or one database for author and recipient. */
const ON_ONE_NODE = [
  'gives up after five attempts where that is the patience, and starts again when its author asks',
  'waits for room at the recipient, says so, and is delivered when another clone is disabled',
  'is not saved when the author has no room, and is saved when another clone is disabled',
];

export function casesBetweenNodes(row: FaultRow): readonly NamedCase[] {
  if (!ROWS_BETWEEN_NODES.includes(row.fault)) return [];
  return casesOf(row).filter(
    ({ name, strategy }) => strategy !== 'global-dht' && !ON_ONE_NODE.includes(name),
  );
}
