import { RowsStatement } from '@musubi/database';

/** Rejects a message that its holder has. */
export const MESSAGE_ONCE = 'history_message_once';

export const INSERT_MESSAGES = new RowsStatement(`
  insert into history (holder, placement, key, conversation, position, is_unread, sealed, is_deleted)
  select *, false
  from unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[], $5::bigint[], $6::boolean[], $7::bytea[])`);

/** A message with its receipts, in ascending order: its own columns stand beside each of them. */
export const FIND = `
  select history.is_deleted, history.sealed, receipt.sealed as receipt
  from history left join receipt on receipt.holder = history.holder and receipt.key = history.key
  where history.holder = $1 and history.placement = $2 and history.key = $3
  order by receipt.status`;

export interface HeldRow {
  readonly is_deleted: boolean;
  readonly sealed: Uint8Array;
  readonly receipt: Uint8Array | null;
}

export const MARK_READ = new RowsStatement(`
  update history set is_unread = false
  from unnest($1::bytea[], $2::text[], $3::bytea[]) as seen (holder, placement, key)
  where history.holder = seen.holder and history.placement = seen.placement and history.key = seen.key
    and history.is_unread`);

export const BURY = new RowsStatement(`
  update history set is_deleted = true, is_unread = false
  from unnest($1::bytea[], $2::text[], $3::bytea[]) as buried (holder, placement, key)
  where history.holder = buried.holder and history.placement = buried.placement and history.key = buried.key`);
