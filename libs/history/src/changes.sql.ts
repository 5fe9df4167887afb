import { type Sql } from '@musubi/database';
import { type FeedState } from './change-cursor.js';
import { type Position } from './cursor.js';
import { type SealedRow } from './history-row.js';
import { type FoundRow, sealedWithin } from './page.sql.js';

/** A message's row, by when it changed last. */
export interface ChangedRow extends SealedRow {
  readonly placement: string;
  /** A bigint, as a string. */
  readonly change: string;
}

/** The number of the holder's last numbered change and its epoch, and whether there are changes without a number. */
interface ChangeState extends FeedState {
  readonly hasUnnumbered: boolean;
  /** The epoch of the number that was asked for. */
  readonly askedEpoch: Uint8Array;
}

/** Numbers of before there were epochs have the empty one. */
const epochOf = (number: string): string => `coalesce((
  select epoch from change_epoch where holder = $1 and first <= ${number} order by first desc limit 1), '')`;

/** @param asked a number, whose epoch is found as well */
export async function changeState(db: Sql, holder: Uint8Array, asked: bigint): Promise<ChangeState> {
  const [state] = await db.query<(Omit<ChangeState, 'last'> & { readonly last: string })[]>(
    `select last, ${epochOf('last')} as epoch, ${epochOf('$2::bigint')} as "askedEpoch",
       exists (select from history where holder = $1 and change is null) as "hasUnnumbered"
     from coalesce((select last from change_counter where holder = $1), 0) as last`,
    [holder, asked],
  );
  if (state === undefined) throw new Error('a row without a table is always there');
  return { ...state, last: BigInt(state.last) };
}

/** Up to `limit` rows that changed after `from`, in the order of their changes: one range of one index. */
export function changedRows(
  db: Sql,
  holder: Uint8Array,
  { from, limit }: { readonly from: Position; readonly limit: number },
): Promise<FoundRow<ChangedRow>[]> {
  return db.query<FoundRow<ChangedRow>[]>(
    `select placement, key, position, is_deleted, ${sealedWithin('change, key')}, change from (
       select placement, key, position, is_deleted, sealed, change from history
       where holder = $1 and change is not null and (change, key) > ($2, $3)
       order by change, key limit $4) as page
     order by change, key`,
    [holder, from.position, from.key, limit],
  );
}

const COUNTER = `
  insert into change_counter (holder, last) values ($1, 0)
  on conflict on constraint change_counter_once do nothing`;

const LOCK = 'select from change_counter where holder = $1 for update';

/**
 * A server that was restored from a file, or that took over from another one, has started at another time than the one
 * in which the epoch began.
 */
const RUNNING = 'select epoch from current_change_epoch where server_started = pg_postmaster_start_time()';

const BEGIN_EPOCH = `
  insert into current_change_epoch (id, epoch, server_started)
  values (1, uuid_send(gen_random_uuid()), pg_postmaster_start_time())
  on conflict on constraint current_change_epoch_once
  do update set epoch = excluded.epoch, server_started = excluded.server_started`;

/** From now on, numbers are of an epoch that no backup knows. */
export async function beginEpoch(db: Sql): Promise<void> {
  await db.query(BEGIN_EPOCH);
}

/**
 * The rows that were written first come first: by the transaction that wrote them, and then by where they lie. A row
 * that somebody is just changing is left for the next time; so is one that was rewritten since this began. One number
 * is taken even if all are: what is read before it, and what after, is then told apart.
 */
const NUMBER = `
  with recent as materialized (
    select age(xmin) as age, ctid as place from history
    where holder = $1 and change is null limit $2),
  earliest as materialized (
    select age, place from recent order by age desc, place limit $3),
  free as materialized (
    select earliest.age, earliest.place from earliest join history on history.ctid = earliest.place
    where history.change is null
    for no key update of history skip locked),
  numbered as materialized (
    select place, row_number() over (order by age desc, place) as number from free),
  running as materialized (${RUNNING}),
  counted as (
    update change_counter set last = last + size.taken
    from running, (select greatest(count(*), 1) as taken from numbered) as size
    where holder = $1 returning last, last - size.taken as before, running.epoch),
  begun as (
    insert into change_epoch (holder, first, epoch)
    select $1, before + 1, epoch from counted where epoch is distinct from ${epochOf('before')}),
  written as (
    update history set change = counted.before + numbered.number
    from numbered, counted where history.ctid = numbered.place and history.change is null)
  select last, epoch from counted`;

/**
 * Numbers up to `limit` changes, the earliest of the first `window`. One at a time for each holder: `tx` is a
 * transaction, and holds the holder's counter until its end, so that numbers become visible in their order.
 * @returns the last number, which nobody has read before; `null` when no epoch has begun on this server
 */
export async function numberChanges(
  tx: Sql,
  holder: Uint8Array,
  { window, limit }: { readonly window: number; readonly limit: number },
): Promise<FeedState | null> {
  // Each sees what was committed before it: the last what the one before it has waited for.
  const [, , [row]] = await Promise.all([
    tx.query(COUNTER, [holder]),
    tx.query(LOCK, [holder]),
    tx.query<{ last: string; epoch: Uint8Array }[]>(NUMBER, [holder, window, limit]),
  ]);
  return row === undefined ? null : { last: BigInt(row.last), epoch: row.epoch };
}
