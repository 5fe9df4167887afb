import { type Sql } from '@musubi/database';
import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import { type Position } from './cursor.js';
import { conversationKey } from './history.js';
import { type SealedRow } from './history-row.js';

/** Whose history is read, and which part of it. */
export interface Scope {
  readonly holder: AgentKeys;
  readonly placement: string;
  readonly peer: AgentPubKey | undefined;
}

/** Beyond every message. */
export const NEWEST: Position = { position: 2n ** 63n - 1n, key: new Uint8Array(32).fill(0xff) };

/** Where a range begins, exclusive, and how many rows it may have. */
export interface Edge {
  readonly from: Position;
  readonly limit: number;
}

/** Up to `limit` rows older than `from`, newest first: one range of one index. */
export function olderRows(db: Sql, scope: Scope, edge: Edge): Promise<SealedRow[]> {
  return edgeRows(db, scope, { ...edge, comparison: '<', direction: 'desc' });
}

/** Up to `limit` rows newer than `from`, oldest first: one range of one index. */
export function newerRows(db: Sql, scope: Scope, edge: Edge): Promise<SealedRow[]> {
  return edgeRows(db, scope, { ...edge, comparison: '>', direction: 'asc' });
}

function edgeRows(
  db: Sql,
  { holder, placement, peer }: Scope,
  edge: Edge & { readonly comparison: '<' | '>'; readonly direction: 'asc' | 'desc' },
): Promise<SealedRow[]> {
  const { comparison, direction, from, limit } = edge;
  return db.query<SealedRow[]>(
    `select key, position, is_deleted, sealed from history
     where holder = $1 and placement = $2 and not is_deleted ${peer === undefined ? '' : 'and conversation = $6'}
       and (position, key) ${comparison} ($3, $4)
     order by position ${direction}, key ${direction}
     limit $5`,
    [
      fromBase64Url(holder.agent),
      placement,
      from.position,
      from.key,
      limit,
      ...(peer === undefined ? [] : [conversationKey(holder, peer)]),
    ],
  );
}

export interface ConversationRow extends SealedRow {
  readonly unread: number;
}

/**
 * The latest row of each conversation, older than `from`, newest first. Hops from one conversation to the next
 * on the index (a loose index scan), so that its cost grows with conversations, not with messages.
 */
export function conversationRows(
  db: Sql,
  { holder, placement }: Scope,
  edge: Edge,
): Promise<ConversationRow[]> {
  return db.query<ConversationRow[]>(
    `with recursive peer as (
       (select conversation from history where holder = $1 and placement = $2 order by conversation limit 1)
       union all
       select (select conversation from history
               where holder = $1 and placement = $2 and conversation > peer.conversation
               order by conversation limit 1)
       from peer where peer.conversation is not null
     )
     select last.key, last.position, last.is_deleted, last.sealed,
       (select count(*)::int from history
        where holder = $1 and placement = $2 and conversation = peer.conversation and is_unread) as unread
     from peer cross join lateral (
       select key, position, is_deleted, sealed from history
       where holder = $1 and placement = $2 and conversation = peer.conversation and not is_deleted
       order by position desc, key desc limit 1
     ) as last
     where (last.position, last.key) < ($3, $4)
     order by last.position desc, last.key desc
     limit $5`,
    [fromBase64Url(holder.agent), placement, edge.from.position, edge.from.key, edge.limit],
  );
}
