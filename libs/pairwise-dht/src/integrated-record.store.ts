import { type Sql } from '@musubi/database';
import { type EntryRecord, encodeRecord, hashBytes } from '@musubi/cell';
import { equalBytes, fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, ChainForkError } from '@musubi/messaging';

/**
 * Puts a peer's record into the holder's share of their clone. Repeats write nothing.
 * @throws ChainForkError when the holder has another action of that author at the same place
 */
export async function integrate(tx: Sql, holder: AgentPubKey, record: EntryRecord): Promise<void> {
  const { space, author, seq } = record.signed.action;
  const key = [fromBase64Url(space), fromBase64Url(holder), fromBase64Url(author), seq];
  const hash = hashBytes(record.signed.hash);
  const added = await tx.query<unknown[]>(
    `insert into integrated_record (space, holder, author, seq, hash, record) values ($1, $2, $3, $4, $5, $6)
     on conflict on constraint integrated_record_one_per_seq do nothing returning seq`,
    [...key, hash, encodeRecord(record)],
  );
  if (added.length === 1) return;
  const [known] = await tx.query<{ hash: Uint8Array }[]>(
    'select hash from integrated_record where space = $1 and holder = $2 and author = $3 and seq = $4',
    key,
  );
  if (known === undefined || !equalBytes(known.hash, hash)) {
    throw new ChainForkError('two different actions claim one place on the chain of this author');
  }
}
