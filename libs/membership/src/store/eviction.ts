import { type NodeKey } from '@musubi/network/nodes';
import { compareKeys } from './compare-keys.js';

/** What the rule looks at. */
interface Evictable {
  /** `null` for what is this node's own. */
  readonly toldBy: NodeKey | null;
  readonly contactDay: number | null;
  /** How many agents of this node have taken it by a card. */
  readonly holds: number;
  /** Greater for a record that came later; a newer record of the same signer does not change it. */
  readonly arrival: number;
}

function isPinned({ holds, toldBy }: Evictable): boolean {
  return toldBy === null || holds > 0;
}

/** Told by a peer, of a node that this one has not met. */
function isHearsay(row: Evictable): boolean {
  return !isPinned(row) && row.contactDay === null;
}

/**
 * *The latest of the loudest*: which record goes when the store is too full. First hearsay, and of it the latest
 * record of the node that told most. So a flood displaces itself, and every other node keeps as much as it has told, or
 * an equal share. Then goes the node that was not met for longest. This node's own records, and those of cards, stay.
 * @param newcomer already among the rows; where nothing else may go, it goes itself
 */
export function victimOf<Row extends Evictable>(rows: readonly Row[], newcomer: Row): Row {
  const hearsay = rows.filter(isHearsay);
  if (hearsay.length > 0) return latestOf(hearsay.filter((row) => row.toldBy === loudest(hearsay, newcomer)));
  const met = rows.filter((row) => !isPinned(row));
  if (met.length === 0) return newcomer;
  return met.reduce((first, row) => (staler(row, first) ? row : first));
}

function latestOf<Row extends Evictable>(rows: readonly Row[]): Row {
  return rows.reduce((latest, row) => (row.arrival > latest.arrival ? row : latest));
}

/** Of two that are equally loud it is the newcomer's, so that what is there stays. */
function loudest(hearsay: readonly Evictable[], newcomer: Evictable): NodeKey | null {
  const counts = new Map<NodeKey | null, number>();
  for (const { toldBy } of hearsay) counts.set(toldBy, (counts.get(toldBy) ?? 0) + 1);
  const most = Math.max(...counts.values());
  if (counts.get(newcomer.toldBy) === most) return newcomer.toldBy;
  const loud = Array.from(counts).flatMap(([toldBy, count]) =>
    count === most && toldBy !== null ? [toldBy] : [],
  );
  return loud.sort(compareKeys)[0] ?? null;
}

function staler(row: Evictable, than: Evictable): boolean {
  const difference = (row.contactDay ?? 0) - (than.contactDay ?? 0);
  return difference < 0 || (difference === 0 && row.arrival > than.arrival);
}
