import {
  type AgentPubKey,
  type Conversation,
  type ConversationQuery,
  type HeldMessage,
  type MessageQuery,
  type MessageReader,
  type MessageRef,
  type Page,
} from '@musubi/messaging';
import { positionFrom } from './cursor.js';
import { type History } from './history.js';
import { NEWEST, conversationRows } from './page.sql.js';
import { cursorsOf, sliceOf } from './slice.js';
import { type TracedMessage } from './traced-message.js';

/** Reads pages of a history: each page a bounded range of an index, whatever the history's length. */
export class HistoryReader implements MessageReader {
  constructor(private readonly history: History) {}

  async find(ref: MessageRef): Promise<HeldMessage> {
    return held(await this.history.findListed(ref));
  }

  async list(holder: AgentPubKey, query: MessageQuery): Promise<Page<HeldMessage>> {
    const keys = this.history.keys.keysOf(holder);
    const scope = { holder: keys, placement: this.history.placement, peer: query.with };
    const slice = await sliceOf(this.history, scope, query);
    const items = (await this.history.unseal(keys, slice.rows)).map(held);
    return { items, ...cursorsOf(scope, slice) };
  }

  async conversations(holder: AgentPubKey, query: ConversationQuery): Promise<Page<Conversation>> {
    const keys = this.history.keys.keysOf(holder);
    const scope = { holder: keys, placement: this.history.placement, peer: undefined };
    const from = query.before === undefined ? NEWEST : positionFrom(scope, query.before);
    const found = await conversationRows(this.history.db, scope, { from, limit: query.limit + 1 });
    const rows = found.slice(0, query.limit);
    const last = await this.history.unseal(keys, rows);
    const items = last.map((message, index) => ({
      peer: message.message.author === holder ? message.message.recipient : message.message.author,
      last: held(message),
      unread: rows[index]?.unread ?? 0,
    }));
    const hasOlder = found.length > rows.length;
    return { items, ...cursorsOf(scope, { rows, hasOlder, hasNewer: false }) };
  }
}

function held({ message, status, receipts }: TracedMessage): HeldMessage {
  return { message, status, receipts: receipts.map(({ receipt }) => receipt) };
}
