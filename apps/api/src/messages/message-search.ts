import { mapInSlices } from '@musubi/crypto';
import {
  type AgentPubKey,
  type Cursor,
  type HeldMessage,
  MAX_PAGE_BYTES,
  MAX_PAGE_SIZE,
  type PageAnchor,
  payloadBytes,
} from '@musubi/messaging';
import { Injectable } from '@nestjs/common';
import { BYTES_A_POINT, WorkBudget } from '../access/work-budget.js';
import { type Caller } from '../access/access.js';
import { type ServiceStrategy } from '../node/strategies.js';
import { MessageTracker } from './message-tracker.js';
import { messageView } from './message.view.js';
import { type SearchPage, type SearchQuery } from './search.schemas.js';
import { wanted } from './wanted.js';

/** Messages that are looked at for one answer, but for the rest of the last block. */
const MOST_SEARCHED = 1000;
/** An answer with so many ends with the block that it is at. */
const ENOUGH = 50;
/** To open a message and its receipts takes as long as a sixteenth of what a point stands for. */
const MESSAGES_A_POINT = 16;

/** What was looked at, latest first, and what of it is wanted. */
interface Searched {
  readonly found: readonly HeldMessage[];
  readonly count: number;
  readonly bytes: number;
  readonly unreadable: number;
  readonly next: Cursor | null;
}

const NOTHING: Omit<Searched, 'next'> = { found: [], count: 0, bytes: 0, unreadable: 0 };

/**
 * Finds messages by their words and their type. Texts are sealed at rest, and no index of their words is kept: it would show the
 * database which messages share words. So the texts are opened, a bounded number for each answer.
 */
@Injectable()
export class MessageSearch {
  constructor(
    private readonly tracker: MessageTracker,
    private readonly budget: WorkBudget,
  ) {}

  /** @throws InvalidCursorError, AgentOfflineError */
  async of(strategy: ServiceStrategy, caller: Caller, query: SearchQuery): Promise<SearchPage> {
    const { bytes, count, found, next, unreadable } = await search(strategy, caller.agent, query);
    await this.budget.charge(caller, Math.floor(count / MESSAGES_A_POINT + bytes / BYTES_A_POINT));
    const tracked = await this.tracker.trackAll(strategy.name, caller.agent, found);
    return {
      items: tracked.map((item) => messageView(strategy.name, item)),
      next,
      searched: count,
      ...(unreadable === 0 ? {} : { unreadable }),
    };
  }
}

async function search(
  strategy: ServiceStrategy,
  agent: AgentPubKey,
  { before, with: peer, ...sought }: SearchQuery,
): Promise<Searched> {
  const isWanted = wanted(sought);
  const scope = { ...(peer === undefined ? {} : { with: peer }), limit: MAX_PAGE_SIZE };
  let searched: Searched = { ...NOTHING, next: before ?? null };
  do {
    const page = await strategy.messages.list(agent, { ...scope, anchor: anchorOf(searched.next) });
    const { items, unreadable = 0 } = page;
    const have = await mapInSlices(items, bytesOf, ({ message }) => isWanted(message));
    searched = {
      found: [...searched.found, ...items.filter((_, index) => have[index])],
      count: searched.count + items.length + unreadable,
      bytes: items.reduce((sum, item) => sum + bytesOf(item), searched.bytes),
      unreadable: searched.unreadable + unreadable,
      next: page.next,
    };
  } while (searched.next !== null && hasRoom(searched));
  return searched;
}

function bytesOf({ message }: HeldMessage): number {
  return payloadBytes(message.payload);
}

function anchorOf(cursor: Cursor | null): PageAnchor {
  return cursor === null ? { at: 'latest' } : { at: 'before', cursor };
}

function hasRoom({ bytes, count, found }: Searched): boolean {
  return found.length < ENOUGH && count < MOST_SEARCHED && bytes < MAX_PAGE_BYTES;
}
