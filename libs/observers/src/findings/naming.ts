import { type HeldRow, OWNER_COLUMNS } from '../parties/observer.js';
import { type NeedleFinder } from './needle-finder.js';
import { bytesOfValue } from './value-bytes.js';

/** A column of a row that names agents. */
interface Naming {
  readonly column: string;
  readonly agents: readonly number[];
}

/** A row with the agents that it names. */
export interface NamedRow {
  readonly table: string;
  readonly namings: readonly Naming[];
  /** Each once. */
  readonly agents: readonly number[];
  /** Whose row it is; `null` when nobody is named, or several are and no column says who writes. */
  readonly owner: number | null;
  /** The columns that name nobody. */
  readonly others: readonly (readonly [column: string, value: unknown])[];
}

export function namedRow({ table, values }: HeldRow, finder: NeedleFinder<number>): NamedRow {
  const namings: Naming[] = [];
  const others: [string, unknown][] = [];
  for (const [column, value] of Object.entries(values)) {
    const bytes = bytesOfValue(value);
    const agents = bytes === null ? [] : finder.find(bytes);
    if (agents.length > 0) namings.push({ column, agents });
    else others.push([column, value]);
  }
  const agents = [...new Set(namings.flatMap((naming) => naming.agents))];
  return { table, namings, agents, owner: ownerOf(namings, agents), others };
}

function ownerOf(namings: readonly Naming[], agents: readonly number[]): number | null {
  const [only, ...more] = agents;
  if (only !== undefined && more.length === 0) return only;
  const columns = OWNER_COLUMNS.map((column) => namings.find((naming) => naming.column === column));
  return columns.find((naming) => naming?.agents.length === 1)?.agents[0] ?? null;
}
