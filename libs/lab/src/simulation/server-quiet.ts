import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DataSource } from 'typeorm';

const ASK_EVERY_MS = 2;
/** On a server of others, a backup may run for hours. */
export const PATIENCE_MS = 30_000;

/**
 * Waits until no transaction runs, in whichever database of the server, that began before one that has ended by now.
 * Readers of a feed begin again at the oldest running transaction, so others' would decide which rows a simulation keeps.
 * @returns false when one of them ran on for too long
 */
export async function whenServerQuiet(db: DataSource, patienceMs = PATIENCE_MS): Promise<boolean> {
  const [now] = await db.query<{ next: string }[]>(
    'select pg_snapshot_xmax(pg_current_snapshot())::text as next',
  );
  const deadline = performance.now() + patienceMs;
  while (!(await haveEnded(db, now?.next ?? '0'))) {
    if (performance.now() > deadline) return false;
    await sleep(ASK_EVERY_MS);
  }
  return true;
}

/** @returns whether all transactions before that number have ended */
async function haveEnded(db: DataSource, next: string): Promise<boolean> {
  const [row] = await db.query<{ ended: boolean }[]>(
    'select pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 as ended',
    [next],
  );
  return row?.ended === true;
}
