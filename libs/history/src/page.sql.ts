import { type Sql } from '@musubi/database';
import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { type Position } from './cursor.js';
import { conversationKey } from './history.js';
import { type AgentPubKey, MAX_PAGE_BYTES } from '@musubi/messaging';
import { type SealedRow } from './history-row.js';

/** Whose history is read, and which part of it. */
export interface Scope {
  readonly holder: AgentKeys;
  readonly placement: string;
  readonly peer: AgentPubKey | undefined;
  /** Only what is pinned, of a conversation. */
  readonly isPinned?: boolean;
}

/** One conversation of a history, by its name in its holder's tables. */
interface ConversationScope extends Omit<Scope, 'peer'> {
  readonly conversation: Uint8Array;
}

/** Beyond every message. */
export const NEWEST: Position = { position: 2n ** 63n - 1n, key: new Uint8Array(32).fill(0xff) };

/** A row that was found: without its bytes where those before it took all that a page may have. */
export type FoundRow<Row extends SealedRow = SealedRow> = Omit<Row, 'sealed'> & {
  readonly sealed: Uint8Array | null;
};

/** Those of the first `limit` rows that came with their bytes. */
export function rowsWithin<Row extends SealedRow>(found: readonly FoundRow<Row>[], limit: number): Row[] {
  const end = found.findIndex(({ sealed }) => sealed === null);
  return found.slice(0, end === -1 ? limit : Math.min(end, limit)) as unknown as Row[];
}

/** The bytes of a row, unless the rows before it in that order have taken a page's; nothing is read to count them. */
export function sealedWithin(order: string): string {
  return `case when sum(octet_length(sealed)) over (order by ${order}) - octet_length(sealed) < ${MAX_PAGE_BYTES} then sealed end as sealed`;
}

/** Where a range begins, exclusive, and how many rows it may have. */
export interface Edge {
  readonly from: Position;
  readonly limit: number;
}

/** Up to `limit` rows older than `from`, newest first: one range of one index. */
export function olderRows(db: Sql, scope: Scope | ConversationScope, edge: Edge): Promise<FoundRow[]> {
  return edgeRows(db, scope, { ...edge, comparison: '<', direction: 'desc' });
}

/** Up to `limit` rows newer than `from`, oldest first: one range of one index. */
export function newerRows(db: Sql, scope: Scope, edge: Edge): Promise<FoundRow[]> {
  return edgeRows(db, scope, { ...edge, comparison: '>', direction: 'asc' });
}

function edgeRows(
  db: Sql,
  scope: Scope | ConversationScope,
  edge: Edge & { readonly comparison: '<' | '>'; readonly direction: 'asc' | 'desc' },
): Promise<FoundRow[]> {
  const { comparison, direction, from, limit } = edge;
  const { holder, placement } = scope;
  const conversation = conversationOf(scope);
  const order = `position ${direction}, key ${direction}`;
  const { of, from: source } = scope.isPinned === true ? PINNED : ALL;
  return db.query<FoundRow[]>(
    `select key, position, is_deleted, ${sealedWithin(order)} from (
     select ${of}.key, ${of}.position, is_deleted, history.sealed from ${source}
     where ${of}.holder = $1 and ${of}.placement = $2 and not is_deleted
       ${conversation === undefined ? '' : `and ${of}.conversation = $6`} and (${of}.position, ${of}.key) ${comparison} ($3, $4)
     order by ${of}.position ${direction}, ${of}.key ${direction}
     limit $5) as page
     order by ${order}`,
    [
      fromBase64Url(holder.agent),
      placement,
      from.position,
      from.key,
      limit,
      ...(conversation === undefined ? [] : [conversation]),
    ],
  );
}

/** From which table the order of a page comes. */
const ALL = { of: 'history', from: 'history' } as const;
const PINNED = {
  of: 'pin',
  from: `(select * from pin where is_pinned) as pin
     join history on history.holder = pin.holder and history.placement = pin.placement and history.key = pin.key`,
} as const;

function conversationOf(scope: Scope | ConversationScope): Uint8Array | undefined {
  if ('conversation' in scope) return scope.conversation;
  return scope.peer === undefined ? undefined : conversationKey(scope.holder, scope.peer);
}

export interface ConversationRow extends SealedRow {
  readonly conversation: Uint8Array;
}

/** Agents with more conversations have their latest messages looked through first. */
export const MANY_CONVERSATIONS = 1000;
/** How many messages are looked through for a page of conversations. */
const LOOKED_THROUGH = 10_000;
/** How many are looked through first, for each conversation of the page: some 10 µs each. */
const LOOKED_AT_FIRST = 10;

/**
 * The latest row of each conversation, older than `from`, newest first. Where there are few conversations, all are looked at.
 * Where there are more than a page has, the page is mostly among the latest messages; all are looked at only where one
 * conversation has most of those.
 */
export async function conversationRows(
  db: Sql,
  scope: Scope,
  edge: Edge,
): Promise<FoundRow<ConversationRow>[]> {
  if (!(await hasMore(db, scope, 2 * edge.limit))) return hoppedRows(db, scope, edge);
  const latest = await walkedRows(db, scope, { ...edge, lookedThrough: LOOKED_AT_FIRST * edge.limit });
  if (latest !== null) return latest;
  if (!(await hasMore(db, scope, MANY_CONVERSATIONS))) return hoppedRows(db, scope, edge);
  return (await walkedRows(db, scope, edge)) ?? hoppedRows(db, scope, edge);
}

/** Hops from one conversation to the next on the index (a loose index scan). */
const HOPS = `
  (select conversation, 1 as hops from history where holder = $1 and placement = $2 order by conversation limit 1)
  union all
  select (select conversation from history
          where holder = $1 and placement = $2 and conversation > peer.conversation
          order by conversation limit 1), hops + 1
  from peer where peer.conversation is not null`;

/** Whether there are more conversations than so many. */
async function hasMore(db: Sql, { holder, placement }: Scope, many: number): Promise<boolean> {
  const [row] = await db.query<{ has_more: boolean }[]>(
    `with recursive peer as (${HOPS} and hops <= $3)
     select count(peer.conversation) > $3 as has_more from peer`,
    [fromBase64Url(holder.agent), placement, many],
  );
  return row?.has_more === true;
}

/** Its cost grows with conversations, not with messages. */
export function hoppedRows(
  db: Sql,
  { holder, placement }: Scope,
  edge: Edge,
): Promise<FoundRow<ConversationRow>[]> {
  return db.query<FoundRow<ConversationRow>[]>(
    `with recursive peer as (${HOPS})
     select key, position, is_deleted, conversation, ${sealedWithin(NEWEST_FIRST)} from (
     select last.key, last.position, last.is_deleted, last.sealed, peer.conversation
     from peer cross join lateral (
       select key, position, is_deleted, sealed from history
       where holder = $1 and placement = $2 and conversation = peer.conversation and not is_deleted
       order by position desc, key desc limit 1
     ) as last
     where (last.position, last.key) < ($3, $4)
     order by last.position desc, last.key desc
     limit $5) as page
     order by ${NEWEST_FIRST}`,
    [fromBase64Url(holder.agent), placement, edge.from.position, edge.from.key, edge.limit],
  );
}

/** Its cost grows with the messages between; `null` when those that are looked through do not hold a page. */
export async function walkedRows(
  db: Sql,
  { holder, placement }: Scope,
  { from, limit, lookedThrough = LOOKED_THROUGH }: Edge & { readonly lookedThrough?: number },
): Promise<FoundRow<ConversationRow>[] | null> {
  const rows = await db.query<FoundRow<ConversationRow>[]>(
    `select key, position, is_deleted, conversation, ${sealedWithin(NEWEST_FIRST)} from (
     select latest.key, latest.position, latest.is_deleted, latest.sealed, latest.conversation from (
       select key, position, is_deleted, sealed, conversation from history
       where holder = $1 and placement = $2 and not is_deleted and (position, key) < ($3, $4)
       order by ${NEWEST_FIRST}
       limit $6) as latest
     cross join lateral (
       select key from history
       where holder = $1 and placement = $2 and conversation = latest.conversation and not is_deleted
       order by ${NEWEST_FIRST} limit 1) as last
     where last.key = latest.key
     order by latest.position desc, latest.key desc
     limit $5) as page
     order by ${NEWEST_FIRST}`,
    [fromBase64Url(holder.agent), placement, from.position, from.key, limit, lookedThrough],
  );
  return rows.length < limit ? null : rows;
}

const NEWEST_FIRST = 'position desc, key desc';
