import { type ActionRow } from '@musubi/cell';
import { type StrangerRecord } from '@musubi/conformance';
import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Sql } from '@musubi/database';
import { type SpaceId } from '@musubi/messaging';

/** The actions of a space that anybody can join, as the strangers in it hold them. */
export async function publishedActions(db: Sql, space: SpaceId): Promise<readonly StrangerRecord[]> {
  const rows = await db.query<ActionRow[]>('select * from action where space = $1', [fromBase64Url(space)]);
  return rows.map((row) => ({
    kind: 'action',
    hashes: [row.hash, row.entry_hash].flatMap((hash) => (hash === null ? [] : [toBase64Url(hash)])),
    bytes: Buffer.concat(Object.values(row).flatMap((value) => (value instanceof Uint8Array ? [value] : []))),
    hasBody: false,
  }));
}
