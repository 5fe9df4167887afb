import { type Rows, RowsStatement } from '@musubi/database';

/** Rejects a message that its holder has. */
export const MESSAGE_ONCE = 'history_message_once';

export const INSERT_MESSAGES = new RowsStatement(`
  insert into history (holder, placement, key, conversation, position, sealed, is_deleted)
  select *, false
  from unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bytea[])`);

/** A message with its receipts, in ascending order: its own columns stand beside each of them. */
export const FIND = `
  select history.is_deleted, history.sealed, receipt.sealed as receipt,
    exists (select from pin where pin.holder = history.holder and pin.placement = history.placement
      and pin.key = history.key and is_pinned) as is_pinned
  from history left join receipt on receipt.holder = history.holder and receipt.key = history.key
  where history.holder = $1 and history.placement = $2 and history.key = $3
  order by receipt.status`;

export interface HeldRow {
  readonly is_deleted: boolean;
  readonly is_pinned: boolean;
  readonly sealed: Uint8Array;
  readonly receipt: Uint8Array | null;
}

/**
 * Marks messages that changed since they were numbered. The row is locked in any case, so numbering happens before this
 * looks or after this commits. The row is written only where it has a number. Messages that were not named are left
 * alone, except for the same message in another placement, which is shown once more. A join with the names instead of `any` took
 * 14 µs of PostgreSQL more, of 38 µs.
 */
const MARK_CHANGED = new RowsStatement(`
  with locked as materialized (
    select holder, placement, key, change from history
    where holder = any($1::bytea[]) and placement = any($2::text[]) and key = any($3::bytea[])
    for no key update)
  update history set change = null from locked
  where history.holder = locked.holder and history.placement = locked.placement and history.key = locked.key
    and locked.change is not null`);

/** As one row each: holder, placement, blinded key. Not beside what changes their rows. */
export function markChanged(messages: readonly (readonly unknown[])[]): Rows {
  return { statement: MARK_CHANGED, rows: messages };
}

export const BURY = new RowsStatement(`
  update history set is_deleted = true, change = null
  from unnest($1::bytea[], $2::text[], $3::bytea[]) as buried (holder, placement, key)
  where history.holder = buried.holder and history.placement = buried.placement and history.key = buried.key`);
