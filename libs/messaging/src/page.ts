import { type AgentPubKey, type MessageId } from './ids.js';
import { type HeldMessage, type Payload } from './message.js';
import { type Day, type Timestamp, addDays, startOf } from './time.js';

/** Opaque and authenticated: only the strategy that made it for this agent accepts it. */
export type Cursor = string;

/** Where a page stands. */
export type PageAnchor =
  | { readonly at: 'latest' }
  /** Messages older than the cursor. */
  | { readonly at: 'before'; readonly cursor: Cursor }
  /** Messages newer than the cursor. */
  | { readonly at: 'after'; readonly cursor: Cursor }
  /** That message in the middle, as many older as newer. */
  | { readonly at: 'around'; readonly message: MessageId }
  /** What was sent from one time on and before another one, such as a day of its reader; its earliest page last. */
  | { readonly at: 'span'; readonly from: Timestamp; readonly until: Timestamp };

/** The messages of a day, UTC. */
export function ofDay(day: Day): PageAnchor {
  return { at: 'span', from: startOf(day), until: startOf(addDays(day, 1)) };
}

export interface MessageQuery {
  /** Only messages exchanged with this peer. */
  readonly with?: AgentPubKey;
  /** Only messages that are pinned. */
  readonly pinned?: true;
  readonly anchor: PageAnchor;
  /** 1 to {@link MAX_PAGE_SIZE}. */
  readonly limit: number;
}

export const MAX_PAGE_SIZE = 200;
export const DEFAULT_PAGE_SIZE = 50;
/**
 * Bytes that the payloads of one page may take as JSON, which spells some characters in six. What would be more is left
 * to the next page; one item is always there.
 */
export const MAX_PAGE_BYTES = 1_048_576;

const encoder = new TextEncoder();

/** The bytes of a payload as JSON. */
export function payloadBytes(payload: Payload): number {
  return encoder.encode(JSON.stringify(payload)).length;
}

/**
 * Which items of a page fit {@link MAX_PAGE_BYTES}, as the range [from, to): those nearest to the one that the page
 * begins with, on both sides alike, without a gap.
 */
export function rangeThatFits(sizes: readonly number[], begin: number): readonly [number, number] {
  const distance = (index: number): number => Math.abs(index - begin);
  const nearestFirst = [...sizes.keys()].sort((a, b) => distance(a) - distance(b) || b - a);
  let left = MAX_PAGE_BYTES;
  const fit = nearestFirst.findIndex((index, place) => {
    left -= sizes[index] ?? 0;
    return left < 0 && place > 0;
  });
  const shown = nearestFirst.slice(0, fit === -1 ? sizes.length : fit);
  return shown.length === 0 ? [0, 0] : [Math.min(...shown), Math.max(...shown) + 1];
}

/**
 * Newest first. A page ends early where its payloads would exceed {@link MAX_PAGE_BYTES}. `next` leads to older items, `prev` to newer ones; `null` where there are none yet. Cursors move past what
 * cannot be read, so a page may have fewer items than there is room for, or none, and still lead on.
 */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: Cursor | null;
  readonly prev: Cursor | null;
  /** How many stored items of this page cannot be read and are left out; absent where there are none. */
  readonly unreadable?: number;
}

export interface Conversation {
  readonly peer: AgentPubKey;
  readonly last: HeldMessage;
  /** Messages from the peer that have no `read` receipt. */
  readonly unread: number;
}

export interface ConversationQuery {
  readonly before?: Cursor;
  readonly limit: number;
}
