import { type Rows, RowsStatement, isNullRefused } from '@musubi/database';
import { type EntryRecord, encodeRecord, hashBytes } from '@musubi/cell';
import { fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, ChainForkError } from '@musubi/messaging';

/** A repeat writes nothing. Another action at the same place is refused: it would have no hash, and must have one. */
const INTEGRATE = new RowsStatement(`
  insert into integrated_record (space, holder, author, seq, hash, record)
  select * from unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::int[], $5::bytea[], $6::bytea[])
  on conflict on constraint integrated_record_one_per_seq do update set hash = null
  where integrated_record.hash <> excluded.hash`);

/** A peer's record in the holder's share of their clone. To be written within `unforked`. */
export function integratedRows(holder: AgentPubKey, record: EntryRecord): readonly Rows[] {
  const { space, author, seq } = record.signed.action;
  const key = [fromBase64Url(space), fromBase64Url(holder), fromBase64Url(author), seq];
  const row = [...key, hashBytes(record.signed.hash), encodeRecord(record)];
  return [{ statement: INTEGRATE, rows: [row] }];
}

/** @throws ChainForkError when the holder has another action of an author at the place of one that was written */
export async function unforked<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isNullRefused(error, 'integrated_record')) throw error;
    const message = 'two different actions claim one place on the chain of this author';
    throw new ChainForkError(message, { cause: error });
  }
}
