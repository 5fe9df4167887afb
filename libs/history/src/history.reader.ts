import { type AgentKeys, toBase64Url } from '@musubi/crypto';
import {
  type AgentPubKey,
  type Conversation,
  type ConversationQuery,
  type HeldMessage,
  type Log,
  type MessageQuery,
  type MessageReader,
  type MessageRef,
  MessageUnreadableError,
  type Page,
} from '@musubi/messaging';
import { blindedKey } from '@musubi/receipts';
import { positionFrom } from './cursor.js';
import { type SealedRow, positionOfRow } from './history-row.js';
import { type History } from './history.js';
import {
  type ConversationRow,
  NEWEST,
  type Scope,
  conversationRows,
  olderRows,
  rowsWithin,
} from './page.sql.js';
import { cursorsOf, fitting, sliceOf } from './slice.js';
import { type SizedRow, type PlacedMessage, held } from './placed-message.js';

/** How many rows of a conversation are looked at for one that can be read. */
const LOOKED_AT = 200;
/** Damaged rows that are remembered, so that each is reported once. */
const REPORTED = 10_000;

/**
 * Reads pages of a history: each page a bounded range of an index, whatever the history's length. A row that cannot be
 * read is left out, counted and reported once; the rest of its page is not its affair.
 */
export class HistoryReader implements MessageReader {
  private readonly reported = new Set<string>();

  constructor(
    private readonly history: History,
    private readonly log: Log,
  ) {}

  find(ref: MessageRef): Promise<HeldMessage> {
    return this.one(ref, () => this.history.findListed(ref));
  }

  recall(ref: MessageRef): Promise<HeldMessage> {
    return this.one(ref, () => this.history.find(ref));
  }

  async list(holder: AgentPubKey, query: MessageQuery): Promise<Page<HeldMessage>> {
    const keys = this.history.keys.keysOf(holder);
    const isPinned = query.pinned === true;
    const scope = { holder: keys, placement: this.history.placement, peer: query.with, isPinned };
    const slice = await sliceOf(this.history, scope, query);
    const found = await this.unseal(keys, slice.rows);
    const fit = fitting(
      slice,
      found.map(({ bytes }) => bytes),
    );
    const shown = found.slice(fit.from, fit.from + fit.rows.length);
    const items = shown.map(({ found: message }) => message && held(message));
    return { ...readable(items), ...cursorsOf(scope, fit) };
  }

  async conversations(holder: AgentPubKey, query: ConversationQuery): Promise<Page<Conversation>> {
    const keys = this.history.keys.keysOf(holder);
    const scope = { holder: keys, placement: this.history.placement, peer: undefined };
    const from = query.before === undefined ? NEWEST : positionFrom(scope, query.before);
    const found = await conversationRows(this.history.db, scope, { from, limit: query.limit + 1 });
    const all = rowsWithin(found, query.limit);
    const lasts = await this.unseal(keys, all);
    const unread = await this.history.unread.counts(keys);
    const slice = { rows: all, hasOlder: found.length > all.length, hasNewer: false, begin: 0 };
    const fit = fitting(
      slice,
      lasts.map(({ bytes }) => bytes),
    );
    const rows = all.slice(0, fit.rows.length);
    const items = await Promise.all(
      rows.map(async (row, index) => {
        const last = lasts[index]?.found ?? (await this.lastReadable(scope, row));
        return last && { peer: peerOf(last, holder), last: held(last), unread: unread(row.conversation) };
      }),
    );
    return { ...readable(items), ...cursorsOf(scope, fit) };
  }

  private async one(ref: MessageRef, find: () => Promise<PlacedMessage>): Promise<HeldMessage> {
    const key = blindedKey(this.history.keys.keysOf(ref.holder), ref.message);
    try {
      return held(await find());
    } catch (error) {
      if (error instanceof MessageUnreadableError) this.report(key);
      throw error;
    }
  }

  /** The latest message of a conversation that can be read, where the last cannot; `null` when none of the latest can. */
  private async lastReadable(scope: Scope, row: ConversationRow): Promise<PlacedMessage | null> {
    const { conversation } = row;
    const edge = { from: positionOfRow(row), limit: LOOKED_AT };
    const older = await olderRows(this.history.db, { ...scope, conversation }, edge);
    const messages = await this.unseal(scope.holder, rowsWithin(older, LOOKED_AT));
    return messages.find(({ found }) => found !== null)?.found ?? null;
  }

  /** Messages of rows, with those that cannot be read reported. */
  private async unseal(keys: AgentKeys, rows: readonly SealedRow[]): Promise<readonly SizedRow[]> {
    const unsealed = await this.history.unseal(keys, rows);
    for (const [index, { key }] of rows.entries()) {
      if (unsealed[index]?.isDamaged === true) this.report(key);
    }
    return unsealed;
  }

  private report(key: Uint8Array): void {
    const name = toBase64Url(key);
    if (this.reported.has(name)) return;
    if (this.reported.size >= REPORTED) this.reported.clear();
    this.reported.add(name);
    this.log.warn('message-unreadable', { strategy: this.history.placement });
  }
}

/** Those that could be read, and how many could not, if any. */
function readable<Item>(all: readonly (Item | null)[]): Pick<Page<Item>, 'items' | 'unreadable'> {
  const items = all.filter((item) => item !== null);
  const unreadable = all.length - items.length;
  return unreadable === 0 ? { items } : { items, unreadable };
}

function peerOf({ message }: PlacedMessage, holder: AgentPubKey): AgentPubKey {
  return message.author === holder ? message.recipient : message.author;
}
