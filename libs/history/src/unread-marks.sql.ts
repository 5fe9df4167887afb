import { RowsStatement, type Sql, writeInTurn } from '@musubi/database';

/** A message's row, by its name and that of its conversation. */
export interface NamedRow {
  readonly key: Uint8Array;
  readonly conversation: Uint8Array;
}

/**
 * A message that is received again violates `history_message_once`, which undoes all. PostgreSQL writes the parts of one
 * statement last to first, so the mark that is there already must not be the error.
 */
export const INSERT_MARKS = new RowsStatement(`
  insert into unread_mark (holder, placement, key, conversation)
  select * from unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[])
  on conflict on constraint unread_mark_once do nothing`);

/** By the mark's name, and by that of the message for one that has no mark yet. */
export const DELETE_MARKS = new RowsStatement(
  `delete from unread_mark as mark
  using unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[]) as gone (holder, placement, mark, message)
  where mark.holder = gone.holder and mark.placement = gone.placement and mark.key = gone.mark`,
  `delete from unread_unmarked as unmarked
  using unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[]) as gone (holder, placement, mark, message)
  where unmarked.holder = gone.holder and unmarked.placement = gone.placement and unmarked.key = gone.message`,
);

/** Rejects a reading of what is not unread. The database says so by itself: see the migration. */
export const READING_ONCE = 'reading_once';

/** As DELETE_MARKS, where there has to be one. Inserts nothing: the function takes the mark, or throws. */
export const TAKE_MARKS = new RowsStatement(`
  insert into unread_mark (holder, placement, key, conversation)
  select holder, placement, mark, message
  from unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[]) as taken (holder, placement, mark, message)
  where take_unread_mark(holder, placement, mark, message)`);

/** As one value: 100,000 rows one by one took 438 ms instead of 163. */
const UNREAD = `
  select coalesce((select string_agg(key || conversation, '') from unread_mark
      where holder = $1 and placement = $2), '') as marks,
    exists (select from unread_unmarked where holder = $1 and placement = $2) as "hasUnmarked"`;

type HolderScope = readonly [holder: Uint8Array, placement: string];

export async function unreadOf(
  db: Sql,
  scope: HolderScope,
): Promise<{ readonly marks: Buffer; readonly hasUnmarked: boolean }> {
  const [row] = await db.query<{ marks: Buffer; hasUnmarked: boolean }[]>(UNREAD, [...scope]);
  if (row === undefined) throw new Error('a row without a table is always there');
  return row;
}

const AMONG = `
  select place::int from unnest($3::bytea[], $4::bytea[]) with ordinality as asked (message, mark, place)
  where exists (select from unread_mark where holder = $1 and placement = $2 and key = asked.mark)
    or exists (select from unread_unmarked where holder = $1 and placement = $2 and key = asked.message)`;

/** @returns the numbers, from 1 on, of those that are unread: by the mark's name, and by that of the message */
export async function unreadAmong(
  db: Sql,
  scope: HolderScope,
  { keys, marks }: { readonly keys: readonly Uint8Array[]; readonly marks: readonly Uint8Array[] },
): Promise<readonly number[]> {
  const rows = await db.query<{ place: number }[]>(AMONG, [...scope, keys, marks]);
  return rows.map(({ place }) => place);
}

/**
 * A reader of the message meanwhile waits for this commit, and then sees its mark: its statement takes its snapshot when
 * it has the lock. Without it the statement would find neither the row nor the mark.
 */
const LOCK = 'lock table unread_unmarked in exclusive mode';

const TAKE = `
  with batch as materialized (select key from unread_unmarked where holder = $1 and placement = $2 limit $3),
  taken as (
    delete from unread_unmarked using batch
    where holder = $1 and placement = $2 and unread_unmarked.key = batch.key
    returning unread_unmarked.key)
  select history.key, history.conversation from taken join history using (key)
  where history.holder = $1 and history.placement = $2`;

/** Takes some of those that have no mark yet. `tx` gives them theirs. */
export async function takeUnmarked(tx: Sql, scope: HolderScope, limit: number): Promise<readonly NamedRow[]> {
  await tx.query(LOCK);
  return tx.query<NamedRow[]>(TAKE, [...scope, limit]);
}

export function insertMarks(tx: Sql, marks: readonly (readonly unknown[])[]): Promise<void> {
  return writeInTurn(tx, [{ statement: INSERT_MARKS, rows: marks }]);
}
