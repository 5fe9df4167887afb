import { equalBytes } from '@musubi/crypto';
import {
  type Cursor,
  MessageDeletedError,
  type MessageId,
  MessageNotFoundError,
  type MessageQuery,
  type PageAnchor,
  rangeThatFits,
} from '@musubi/messaging';
import { type CursorOwner, cursorOf, positionFrom } from './cursor.js';
import { type History, conversationKey } from './history.js';
import { type SealedRow, positionOfRow } from './history-row.js';
import { type Edge, NEWEST, type Scope, newerRows, olderRows, rowsWithin } from './page.sql.js';

/** Rows newest first, and whether there are more beyond either end. */
interface Slice {
  readonly rows: readonly SealedRow[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  /** Which row the page begins with: those farthest from it go first where it has too many bytes. */
  readonly begin: number;
}

/** The rows of a page. @throws InvalidCursorError, MessageNotFoundError, MessageDeletedError */
export function sliceOf(history: History, scope: Scope, { anchor, limit }: MessageQuery): Promise<Slice> {
  switch (anchor.at) {
    case 'latest':
      return olderThan(history, scope, { from: NEWEST, limit });
    case 'before':
      return olderThan(history, scope, { from: positionFrom(scope, anchor.cursor), limit });
    case 'after':
      return newerThan(history, scope, { from: positionFrom(scope, anchor.cursor), limit });
    case 'around':
      return around(history, scope, { message: anchor.message, limit });
    case 'span':
      return within(history, scope, { ...anchor, limit });
  }
}

/** The part of a slice whose messages fit a page. @param sizes bytes of each row's message as JSON */
export function fitting(slice: Slice, sizes: readonly number[]): Slice & { readonly from: number } {
  const { rows, hasOlder, hasNewer, begin } = slice;
  const [from, to] = rangeThatFits(sizes, begin);
  return {
    rows: rows.slice(from, to),
    hasOlder: hasOlder || to < rows.length,
    hasNewer: hasNewer || from > 0,
    begin: begin - from,
    from,
  };
}

/** `next` leads to older rows, `prev` to newer ones. */
export function cursorsOf(
  owner: CursorOwner,
  { rows, hasOlder, hasNewer }: Slice,
): { readonly next: Cursor | null; readonly prev: Cursor | null } {
  const cursor = (row: SealedRow | undefined): Cursor | null =>
    row === undefined ? null : cursorOf(owner, positionOfRow(row));
  return { next: hasOlder ? cursor(rows.at(-1)) : null, prev: hasNewer ? cursor(rows[0]) : null };
}

async function olderThan(history: History, scope: Scope, { from, limit }: Edge): Promise<Slice> {
  const found = await olderRows(history.db, scope, { from, limit: limit + 1 });
  const rows = rowsWithin(found, limit);
  const hasNewer = from !== NEWEST && (await hasBeyond(newerRows, history, { scope, row: rows[0] }));
  return { rows, hasOlder: found.length > rows.length, hasNewer, begin: 0 };
}

async function newerThan(history: History, scope: Scope, { from, limit }: Edge): Promise<Slice> {
  const found = await newerRows(history.db, scope, { from, limit: limit + 1 });
  const rows = rowsWithin(found, limit).reverse();
  const hasOlder = await hasBeyond(olderRows, history, { scope, row: rows.at(-1) });
  return { rows, hasOlder, hasNewer: found.length > rows.length, begin: Math.max(0, rows.length - 1) };
}

async function hasBeyond(
  rowsFrom: typeof newerRows,
  history: History,
  { scope, row }: { readonly scope: Scope; readonly row: SealedRow | undefined },
): Promise<boolean> {
  if (row === undefined) return false;
  return (await rowsFrom(history.db, scope, { from: positionOfRow(row), limit: 1 })).length > 0;
}

/** The message in the middle; where one side has too few, the page is shorter, not shifted. */
async function around(
  history: History,
  scope: Scope,
  { message, limit }: { readonly message: MessageId; readonly limit: number },
): Promise<Slice> {
  const middle = await middleOf(history, scope, message);
  const from = positionOfRow(middle);
  const newerLimit = Math.floor((limit - 1) / 2);
  const olderLimit = limit - 1 - newerLimit;
  const foundNewer = await newerRows(history.db, scope, { from, limit: newerLimit + 1 });
  const foundOlder = await olderRows(history.db, scope, { from, limit: olderLimit + 1 });
  const newer = rowsWithin(foundNewer, newerLimit).reverse();
  const older = rowsWithin(foundOlder, olderLimit);
  return {
    rows: [...newer, middle, ...older],
    hasOlder: foundOlder.length > older.length,
    hasNewer: foundNewer.length > newer.length,
    begin: newer.length,
  };
}

/** @throws MessageNotFoundError unless it is of this scope, MessageDeletedError */
async function middleOf(history: History, { holder, peer }: Scope, message: MessageId): Promise<SealedRow> {
  const row = await history.findRow({ holder: holder.agent, message });
  if (peer !== undefined && !equalBytes(row.conversation, conversationKey(holder, peer))) {
    throw new MessageNotFoundError('this agent holds no such message with this peer');
  }
  if (row.is_deleted) throw new MessageDeletedError('this agent deleted the message');
  return row;
}

async function within(
  history: History,
  scope: Scope,
  { from, until, limit }: Omit<Extract<PageAnchor, { at: 'span' }>, 'at'> & { readonly limit: number },
): Promise<Slice> {
  const end = { position: scope.holder.positionOf(until), key: new Uint8Array(32) };
  const beginning = scope.holder.positionOf(from);
  const slice = await olderThan(history, scope, { from: end, limit });
  const rows = slice.rows.filter(({ position }) => BigInt(position) >= beginning);
  return { ...slice, rows, hasOlder: slice.hasOlder || rows.length < slice.rows.length };
}
