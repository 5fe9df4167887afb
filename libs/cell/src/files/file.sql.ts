import { RowsStatement } from '@musubi/database';

/** Rejects a file that its holder has, whole or arriving. */
export const FILE_ONCE = 'file_once';
/** Rejects the use of a file by a message that its holder has already: the two commit together. */
export const FILE_USE_ONCE = 'file_use_once';
/** Rejects a chunk whose file is gone. */
export const CHUNK_OF_FILE = 'file_chunk_of_file';
/** Rejects a message whose file is gone, and the deletion of a file that a message refers to. */
export const USE_OF_FILE = 'file_use_of_file';

/** One reservation of an agent after another, so that their sum is known. */
export const LOCK = `select pg_advisory_xact_lock(1836413560, hashtext(encode($1::bytea, 'hex')))`;

/** How many files that have expired a reservation removes: more than it adds. */
const REMOVED = 8;
export const EXPIRE = `
  delete from file where (holder, slot) in (
    select holder, slot from file where day < $1 order by day limit ${REMOVED} for update skip locked)`;

/** What others began to bring, and what is not whole yet, has a bound of its own: the rest is for the holder's uploads. */
export const RESERVE = `
  insert into file (holder, slot, key, is_whole, bytes, day, sealed)
  select $1::bytea, $2::bytea, $3::bytea, false, $4::bigint, $5::integer, $6::bytea
  where (select coalesce(sum(bytes), 0) from file where holder = $1) + $4 <= $7
    and ($3::bytea is null or $4 <= $8 - (
      select coalesce(sum(bytes), 0) from file where holder = $1 and key is not null and not is_whole))
  returning slot`;

/** Not at each look: once a day. */
export const RENEW = 'update file set day = $3 where holder = $1 and slot = $2 and not is_whole and day < $3';

export const ADD_CHUNK = `
  insert into file_chunk (holder, slot, place, sealed) values ($1, $2, $3, $4)
  on conflict on constraint file_chunk_once do nothing
  returning place`;

export const COMPLETE = `
  update file set key = $3, is_whole = true, bytes = $4, sealed = $5 where holder = $1 and slot = $2
  returning slot`;

/** Begun, and not complete: all else without a key has nothing sealed in its row. */
const IS_UPLOAD = `key is null and not is_whole and sealed <> ''`;
export const UPLOADS = `select slot, sealed from file where holder = $1 and ${IS_UPLOAD}`;
/** Files of an agent with what is stored of each. */
const WITH_CHUNKS = `
  select file.slot, is_whole, sealed, bytes, day, chunks, chunks = next_place as is_gapless
  from file, lateral (
    select count(*)::integer as chunks, coalesce(max(place) + 1, 0) as next_place
    from file_chunk where file_chunk.holder = file.holder and file_chunk.slot = file.slot) as stored
  where holder = $1`;
/** Also when it is complete, so that its last answer can be repeated. */
export const FIND_UPLOAD = `${WITH_CHUNKS} and file.slot = $2 and (is_whole or ${IS_UPLOAD})`;
export const LIST_UPLOADS = `${WITH_CHUNKS} and ${IS_UPLOAD}`;
/** Of two at once one completes it. It waits for a message from now on, and not since it was begun. */
export const COMPLETE_UPLOAD = `
  update file set key = $3, is_whole = true, bytes = $4, sealed = $5, day = $6
  where holder = $1 and slot = $2 and ${IS_UPLOAD} returning slot`;

export const DISCARD = 'delete from file where holder = $1 and slot = $2 and not is_whole';

/** One that a message refers to stays: it violates USE_OF_FILE. */
export const REMOVE = 'delete from file where holder = $1 and key = $2 and is_whole returning slot';

export const FIND = 'select slot, is_whole, sealed from file where holder = $1 and key = $2';
/**
 * A row in parts, as digits. pg makes a text of each value, and a buffer that grows around it: of a whole row both would
 * be half a megabyte. TOAST reads the parts alone, since a chunk is stored outside of its row and uncompressed.
 */
const PART_BYTES = 16_384;
export const FIND_CHUNK = `
  select encode(substring(sealed from first for ${PART_BYTES}), 'hex') as digits
  from file_chunk, generate_series(1, octet_length(sealed), ${PART_BYTES}) as first
  where holder = $1 and slot = $2 and place = $3 order by first`;
export const PLACES = 'select place from file_chunk where holder = $1 and slot = $2';

/** A message refers to the file, which does not expire from then on. */
export const USE = new RowsStatement(
  `insert into file_use (holder, message, slot)
  select * from unnest($1::bytea[], $2::bytea[], $3::bytea[]) returning holder, slot`,
  `update file set day = null from $before as used
  where file.holder = used.holder and file.slot = used.slot and file.day is not null`,
);

/** It refers to it no more. With the last message go the file, and by it the chunks: the trigger `file_released` frees them. */
export const RELEASE = new RowsStatement(
  `delete from file_use using unnest($1::bytea[], $2::bytea[]) as gone (holder, message)
  where file_use.holder = gone.holder and file_use.message = gone.message`,
);
