import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AgentKeys } from '@musubi/crypto';
import { letterAuthors } from '@musubi/global-dht';
import { type AgentPubKey, type Day, addDays } from '@musubi/messaging';

/**
 * The names under which an agent writes letters on those days. One contact takes some milliseconds, and there may be
 * thousands: others are served in between.
 */
export async function letterNames(
  keys: AgentKeys,
  contacts: readonly Uint8Array[],
  days: readonly Day[],
): Promise<readonly AgentPubKey[]> {
  const names: AgentPubKey[] = [];
  for (const contact of contacts) {
    names.push(...letterAuthors(keys, [contact], days));
    await nextTurn();
  }
  return names;
}

/** All days from the first to the last. */
export function daysOf([first, last]: readonly [Day, Day]): readonly Day[] {
  return Array.from({ length: last - first + 1 }, (_, index) => addDays(first, index));
}
