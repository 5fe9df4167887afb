import { type ActionRow, type StoredAction, signedActionFrom } from '@musubi/cell';
import { type StrangerRecord } from '@musubi/conformance';
import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Sql } from '@musubi/database';
import { type AgentPubKey, type SpaceId } from '@musubi/messaging';

/** Every chain that is written under one of these names, each in the order of its actions. */
export async function readChains(
  db: Sql,
  authors: readonly AgentPubKey[],
): Promise<readonly (readonly StoredAction[])[]> {
  const rows = await db.query<ActionRow[]>(
    // By way of the heads: the actions themselves have an index by space first.
    `select action.* from chain_head join action using (space, author)
     where chain_head.author = any($1::bytea[]) order by space, author, seq`,
    [authors.map((author) => fromBase64Url(author))],
  );
  const chains = new Map<string, StoredAction[]>();
  for (const row of rows) {
    const name = `${toBase64Url(row.space)}/${toBase64Url(row.author)}`;
    chains.set(name, [...(chains.get(name) ?? []), { signed: signedActionFrom(row), body: null }]);
  }
  return [...chains.values()];
}

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
