import { type StrategyName } from '@musubi/messaging';
import { type Testbed } from './testbed.js';

/** Brings a fault about and looks at the state after it; repair and end are held against the closing check. */
export type FaultCase = (testbed: Testbed) => Promise<void>;

/** A row meets a strategy in cases, each named by a sentence, or not at all, and then there is a reason. */
export type FaultCell = Readonly<Record<string, FaultCase>> | string;

/** One fault, on every strategy: one that is left out does not compile. */
export interface FaultRow {
  readonly fault: string;
  readonly title: string;
  readonly cells: Readonly<Record<StrategyName, FaultCell>>;
}

/** The same cases whatever the placement. */
export function everywhere(cases: Readonly<Record<string, FaultCase>>): FaultRow['cells'] {
  return { 'source-chain': cases, 'pairwise-dht': cases, 'global-dht': cases };
}

/** The same cases for the two placements whose cells call one another. */
export function byCall(
  cases: Readonly<Record<string, FaultCase>>,
): Pick<FaultRow['cells'], 'source-chain' | 'pairwise-dht'> {
  return { 'source-chain': cases, 'pairwise-dht': cases };
}
