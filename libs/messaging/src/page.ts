import { type AgentPubKey, type MessageId } from './ids.js';
import { type HeldMessage } from './message.js';
import { type Day } from './time.js';

/** Opaque and authenticated: only the strategy that made it for this agent accepts it. */
export type Cursor = string;

/** Where a page stands. At most one of the four may be given; none means the latest messages. */
export type PageAnchor =
  | { readonly at: 'latest' }
  /** Messages older than the cursor. */
  | { readonly at: 'before'; readonly cursor: Cursor }
  /** Messages newer than the cursor. */
  | { readonly at: 'after'; readonly cursor: Cursor }
  /** That message in the middle, as many older as newer. */
  | { readonly at: 'around'; readonly message: MessageId }
  /** The messages of one UTC day, earliest page of the day last. */
  | { readonly at: 'day'; readonly day: Day };

export interface MessageQuery {
  /** Only messages exchanged with this peer. */
  readonly with?: AgentPubKey;
  readonly anchor: PageAnchor;
  /** 1 to {@link MAX_PAGE_SIZE}. */
  readonly limit: number;
}

export const MAX_PAGE_SIZE = 200;
export const DEFAULT_PAGE_SIZE = 50;

/** Newest first. `next` leads to older items, `prev` to newer ones; `null` where there are none yet. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: Cursor | null;
  readonly prev: Cursor | null;
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
