/**
 * Where PostgreSQL says, on commit and without a payload, that a step is due sooner than a worker may think: one that
 * was put off, or given back, or whose recipient was heard from. A step that was just enqueued is not told of. It is
 * leased to its maker, so nobody could do anything with the news, and NOTIFY takes a lock of the whole server at each
 * commit (ADR 0013).
 */
export const OUTBOX_CHANNEL = 'musubi_outbox';

/** The update, and word of it to every worker once it is committed; none when nothing was updated. */
export function telling(update: string, queries = ''): string {
  return `with ${queries} told as (${update} returning 1) select pg_notify('${OUTBOX_CHANNEL}', '') from told`;
}
