import { type Sql } from '@musubi/database';
import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import {
  type ChainPlace,
  parseAgentPubKey,
  parseSignature,
  parseSpaceId,
  parseTimestamp,
} from '@musubi/messaging';
import { type ActionRow } from '../schema/index.js';
import { type ActionContent, type SignedAction, type Visibility } from './action.js';
import { hashFrom } from './hash.js';

export interface StoredAction {
  readonly signed: SignedAction;
  /** The entry's body in the author's own store; `null` for actions without one. */
  readonly body: Uint8Array | null;
}

type StoredRow = ActionRow & { readonly body: Uint8Array | null };

const READ = `
  select action.*, chain_entry.body
  from action
  left join chain_entry on chain_entry.space = action.space and chain_entry.author = action.author
    and chain_entry.hash = action.entry_hash
  where action.space = $1 and action.author = $2 and action.seq >= $3 and action.seq < $3 + $4
  order by action.seq`;

/** The stored actions of a place, in order. */
export async function readActions(
  db: Sql,
  { space, author, seq, count }: ChainPlace,
): Promise<readonly StoredAction[]> {
  const rows = await db.query<StoredRow[]>(READ, [fromBase64Url(space), fromBase64Url(author), seq, count]);
  return rows.map((row) => ({ signed: signedActionFrom(row), body: row.body }));
}

/** An action as it was signed, from its row. */
export function signedActionFrom(row: ActionRow): SignedAction {
  const action = {
    space: parseSpaceId(toBase64Url(row.space)),
    author: parseAgentPubKey(toBase64Url(row.author)),
    seq: row.seq,
    prev: row.prev_hash === null ? null : hashFrom(row.prev_hash),
    at: parseTimestamp(Number(row.at)),
    content: contentFrom(row),
  };
  return { action, hash: hashFrom(row.hash), signature: parseSignature(toBase64Url(row.signature)) };
}

function contentFrom(row: ActionRow): ActionContent {
  switch (row.type) {
    case 'dna':
      return { type: row.type, dna: hashFrom(present(row.proof)) };
    case 'agent-validation-pkg':
      return { type: row.type, membraneProof: row.proof };
    case 'init-zomes-complete':
      return { type: row.type };
    case 'create': {
      const entry = { hash: hashFrom(present(row.entry_hash)), type: present(row.entry_type) };
      return { type: row.type, entry: { ...entry, visibility: visibilityFrom(row.visibility) } };
    }
    case 'create-link': {
      const link = { base: hashFrom(present(row.base)), target: hashFrom(present(row.target)) };
      return { type: row.type, link: { ...link, tag: present(row.tag) } };
    }
    default:
      throw new TypeError(`no such action type: ${row.type}`);
  }
}

function visibilityFrom(text: string | null): Visibility {
  return text === 'private' ? 'private' : 'public';
}

function present<Value>(value: Value | null): Value {
  if (value === null) throw new TypeError('the action row lacks a column that its type needs');
  return value;
}
