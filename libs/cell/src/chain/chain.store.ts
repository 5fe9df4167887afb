import { type Sql } from '@musubi/database';
import { fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, HeadMovedError, type SpaceId } from '@musubi/messaging';
import { type Action, type SignedAction, entryHash } from './action.js';
import { type ChainAuthor } from './chain-author.js';
import { type EntryDraft } from './action-draft.js';
import { type Hash, hashBytes, hashFrom } from './hash.js';

export interface ChainHead {
  readonly seq: number;
  readonly hash: Hash;
}

type ChainKey = Pick<ChainAuthor, 'space' | 'agent'>;

interface HeadRow {
  readonly seq: number;
  readonly hash: Uint8Array;
}

const INSERT_ACTIONS = `
  insert into action (space, author, seq, prev_hash, hash, at, type, entry_hash, entry_type, visibility,
    base, target, tag, proof, signature)
  select $1, $2, * from unnest($3::int[], $4::bytea[], $5::bytea[], $6::bigint[], $7::text[], $8::bytea[],
    $9::text[], $10::text[], $11::bytea[], $12::bytea[], $13::bytea[], $14::bytea[], $15::bytea[])`;

/** Two actions may create one entry: it is kept once. */
const INSERT_ENTRIES = `
  insert into chain_entry (space, author, hash, body)
  select $1, $2, * from unnest($3::bytea[], $4::bytea[])
  on conflict on constraint chain_entry_one_per_hash do nothing`;

/** The rows of source chains. Every statement names one author. */
export class ChainStore {
  async head(db: Sql, chain: ChainKey): Promise<ChainHead | null> {
    return headFrom(
      await db.query<HeadRow[]>(`select seq, hash from chain_head where ${OF_CHAIN}`, keyOf(chain)),
    );
  }

  /** Waits for whoever is writing this chain, so that a relaxed write is placed once instead of retried. */
  async lockHead(tx: Sql, chain: ChainKey): Promise<ChainHead | null> {
    const sql = `select seq, hash from chain_head where ${OF_CHAIN} for update`;
    return headFrom(await tx.query<HeadRow[]>(sql, keyOf(chain)));
  }

  /** Starts a chain. @returns false when it has one already */
  async startHead(tx: Sql, last: SignedAction): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `insert into chain_head (space, author, seq, hash) values ($1, $2, $3, $4)
       on conflict on constraint chain_head_one_per_chain do nothing returning seq`,
      [...keyOf(chainOf(last.action)), last.action.seq, hashBytes(last.hash)],
    );
    return rows.length === 1;
  }

  /** Compare and set. @throws HeadMovedError when the head is no longer `from` */
  async moveHead(
    tx: Sql,
    { from, to }: { readonly from: ChainHead; readonly to: readonly SignedAction[] },
  ): Promise<void> {
    const last = to.at(-1);
    if (last === undefined) return;
    const [, moved] = await tx.query<[unknown[], number]>(
      `update chain_head set seq = $3, hash = $4 where ${OF_CHAIN} and seq = $5 and hash = $6`,
      [...keyOf(chainOf(last.action)), last.action.seq, hashBytes(last.hash), from.seq, hashBytes(from.hash)],
    );
    if (moved !== 1) throw new HeadMovedError('another write moved the head of this chain');
  }

  /** `actions` are of one chain. */
  async insert(tx: Sql, actions: readonly SignedAction[], entries: readonly EntryDraft[]): Promise<void> {
    const [first] = actions;
    if (first === undefined) return;
    const chain = keyOf(chainOf(first.action));
    await tx.query(INSERT_ACTIONS, [...chain, ...columnsOf(actions)]);
    if (entries.length === 0) return;
    const hashes = entries.map(({ content }) => hashBytes(entryHash(content)));
    await tx.query(INSERT_ENTRIES, [...chain, hashes, entries.map(({ stored }) => stored)]);
  }
}

const OF_CHAIN = 'space = $1 and author = $2';

function keyOf({ space, agent }: { readonly space: SpaceId; readonly agent: AgentPubKey }): Uint8Array[] {
  return [fromBase64Url(space), fromBase64Url(agent)];
}

function chainOf(action: Action): ChainKey {
  return { space: action.space, agent: action.author };
}

function headFrom([row]: readonly HeadRow[]): ChainHead | null {
  return row === undefined ? null : { seq: row.seq, hash: hashFrom(row.hash) };
}

const orNull = (hash: Hash | null | undefined): Uint8Array | null => (hash == null ? null : hashBytes(hash));

function columnsOf(actions: readonly SignedAction[]): unknown[][] {
  const rows = actions.map(rowOf);
  return Array.from(rows[0] ?? [], (_, column) => rows.map((row) => row[column]));
}

function rowOf({ action, hash, signature }: SignedAction): readonly unknown[] {
  return [
    action.seq,
    orNull(action.prev),
    hashBytes(hash),
    action.at,
    ...contentColumns(action.content),
    fromBase64Url(signature),
  ];
}

/** type, entry_hash, entry_type, visibility, base, target, tag, proof. */
function contentColumns(content: Action['content']): readonly unknown[] {
  switch (content.type) {
    case 'dna':
      return [content.type, null, null, null, null, null, null, hashBytes(content.dna)];
    case 'agent-validation-pkg':
      return [content.type, null, null, null, null, null, null, content.membraneProof];
    case 'init-zomes-complete':
      return [content.type, null, null, null, null, null, null, null];
    case 'create': {
      const { hash, type, visibility } = content.entry;
      return [content.type, hashBytes(hash), type, visibility, null, null, null, null];
    }
    case 'create-link': {
      const { base, target, tag } = content.link;
      return [content.type, null, null, null, hashBytes(base), hashBytes(target), tag, null];
    }
  }
}
