import { type Rows, RowsStatement, type Sql, writeInTurn } from '@musubi/database';
import { fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, type SpaceId } from '@musubi/messaging';
import { type Action, type SignedAction } from './action.js';
import { type ChainAuthor } from './chain-author.js';
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

/**
 * Compare and set. If the head has moved, the constraints against forks refuse the writer's actions, for they claim a
 * place that is taken.
 */
const MOVE_HEAD = new RowsStatement(`
  update chain_head set seq = moved.to_seq, hash = moved.to_hash
  from unnest($1::bytea[], $2::bytea[], $3::int[], $4::bytea[], $5::int[], $6::bytea[])
    as moved (space, author, from_seq, from_hash, to_seq, to_hash)
  where chain_head.space = moved.space and chain_head.author = moved.author
    and chain_head.seq = moved.from_seq and chain_head.hash = moved.from_hash`);

const INSERT_ACTIONS = new RowsStatement(`
  insert into action (space, author, seq, prev_hash, hash, at, type, entry_hash, entry_type, visibility,
    base, target, tag, proof, signature)
  select * from unnest($1::bytea[], $2::bytea[], $3::int[], $4::bytea[], $5::bytea[], $6::bigint[], $7::text[],
    $8::bytea[], $9::text[], $10::text[], $11::bytea[], $12::bytea[], $13::bytea[], $14::bytea[], $15::bytea[])`);

const INSERT_HEADS = new RowsStatement(`
  insert into chain_head (space, author, seq, hash)
  select * from unnest($1::bytea[], $2::bytea[], $3::int[], $4::bytea[])`);

/** Two actions may create one entry: it is kept once. */
const INSERT_ENTRIES = new RowsStatement(`
  insert into chain_entry (space, author, hash, body)
  select * from unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[])
  on conflict on constraint chain_entry_one_per_hash do nothing`);

/** An entry as it is kept beside a chain. */
export interface KeptEntry {
  readonly hash: Hash;
  readonly stored: Uint8Array;
}

/** What one write puts on a chain after its head. */
interface Continued {
  readonly from: ChainHead;
  /** In order; of one chain. */
  readonly actions: readonly SignedAction[];
  readonly entries: readonly KeptEntry[];
}

/** The rows of source chains. Every statement names one author. */
export class ChainStore {
  async head(db: Sql, chain: ChainKey): Promise<ChainHead | null> {
    return headFrom(
      await db.query<HeadRow[]>(`select seq, hash from chain_head where ${OF_CHAIN}`, keyOf(chain)),
    );
  }

  /** Waits for the current writer of this chain, so that a relaxed write is placed once instead of retried. */
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

  /** Genesis. */
  insert(tx: Sql, actions: readonly SignedAction[]): Promise<void> {
    return writeInTurn(tx, [actionRows(actions)]);
  }
}

/** The rows that continue a chain, and move its head: refused by the constraints against forks when it has moved. */
export function continuingRows({ from, actions, entries }: Continued): readonly Rows[] {
  const last = actions.at(-1);
  if (last === undefined) return [];
  const chain = keyOf(chainOf(last.action));
  const move = [...chain, from.seq, hashBytes(from.hash), last.action.seq, hashBytes(last.hash)];
  const bodies = entries.map(({ hash, stored }) => [...chain, hashBytes(hash), stored]);
  return [
    { statement: MOVE_HEAD, rows: [move] },
    actionRows(actions),
    { statement: INSERT_ENTRIES, rows: bodies },
  ];
}

/** The rows of a chain that nobody can have started before: its author's key was just made. */
export function startingRows(actions: readonly SignedAction[]): readonly Rows[] {
  const last = actions.at(-1);
  if (last === undefined) return [];
  const head = [...keyOf(chainOf(last.action)), last.action.seq, hashBytes(last.hash)];
  return [{ statement: INSERT_HEADS, rows: [head] }, actionRows(actions)];
}

function actionRows(actions: readonly SignedAction[]): Rows {
  return { statement: INSERT_ACTIONS, rows: actions.map(rowOf) };
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

function rowOf({ action, hash, signature }: SignedAction): readonly unknown[] {
  return [
    ...keyOf(chainOf(action)),
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
