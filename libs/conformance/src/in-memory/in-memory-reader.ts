import {
  AgentOfflineError,
  MessageDeletedError,
  MessageNotFoundError,
  type AgentPubKey,
  type HeldMessage,
  type Message,
  type MessageReader,
  type MessageRef,
  type Presence,
  type Conversation,
  type ConversationQuery,
  type MessageQuery,
  type Page,
  type PageAnchor,
  payloadBytes,
  rangeThatFits,
} from '@musubi/messaging';
import { type Holding, type InMemoryAgent, heldMessage, isUnread } from './in-memory-agent.js';
import { type InMemoryCursors, type Place, comparePlaces } from './in-memory-cursor.js';

interface ReaderParts {
  readonly presence: Presence;
  readonly cursors: InMemoryCursors;
  agentOf(agent: AgentPubKey): InMemoryAgent;
}

/** Reads by sorting everything there is: what the real readers must agree with. */
export class InMemoryReader implements MessageReader {
  constructor(private readonly parts: ReaderParts) {}

  find(ref: MessageRef): Promise<HeldMessage> {
    return Promise.resolve().then(() => heldMessage(this.holding(ref)));
  }

  recall(ref: MessageRef): Promise<HeldMessage> {
    return Promise.resolve().then(() => heldMessage(this.stored(ref)));
  }

  /** @throws MessageNotFoundError, MessageDeletedError, AgentOfflineError */
  holding(ref: MessageRef): Holding {
    const holding = this.stored(ref);
    if (holding.isDeleted) throw new MessageDeletedError('this agent deleted the message');
    return holding;
  }

  list(holder: AgentPubKey, query: MessageQuery): Promise<Page<HeldMessage>> {
    return Promise.resolve().then(() => {
      const all = this.newestFirst(holder).filter(
        (holding) =>
          isWith(holding.message, holder, query.with) &&
          (query.pinned !== true || holding.pin?.pinned === true),
      );
      const [first, end] = this.range(holder, all, query);
      const shown = all.slice(first, end);
      const [from, to] = rangeThatFits(shown.map(bytesOf), this.begin(holder, shown, query));
      const hasNewer = first + from > 0;
      return this.page(holder, shown.slice(from, to), { hasNewer, hasOlder: first + to < all.length });
    });
  }

  conversations(holder: AgentPubKey, { before, limit }: ConversationQuery): Promise<Page<Conversation>> {
    return Promise.resolve().then(() => {
      const place = before === undefined ? undefined : this.parts.cursors.placeFrom(holder, before);
      const lasts = this.lastOfEachPeer(holder).filter(
        ({ message }) => place === undefined || isOlder(message, place),
      );
      const [, fit] = rangeThatFits(lasts.slice(0, limit).map(bytesOf), 0);
      const shown = lasts.slice(0, fit);
      const cursors = this.cursors(holder, shown, { hasNewer: false, hasOlder: lasts.length > fit });
      return { items: shown.map((last) => this.conversation(holder, last)), ...cursors };
    });
  }

  private conversation(holder: AgentPubKey, last: Holding): Conversation {
    const peer = peerOf(last.message, holder);
    const unread = this.newestFirst(holder).filter(
      (holding) => isWith(holding.message, holder, peer) && isUnread(holding, holder),
    ).length;
    return { peer, last: heldMessage(last), unread };
  }

  private lastOfEachPeer(holder: AgentPubKey): readonly Holding[] {
    const lasts = new Map<AgentPubKey, Holding>();
    for (const holding of this.newestFirst(holder)) {
      const peer = peerOf(holding.message, holder);
      if (!lasts.has(peer)) lasts.set(peer, holding);
    }
    return [...lasts.values()];
  }

  /** Where a page begins and ends among all, newest first. */
  private range(
    holder: AgentPubKey,
    all: readonly Holding[],
    { anchor, limit }: MessageQuery,
  ): [number, number] {
    if (anchor.at === 'after') {
      const place = this.parts.cursors.placeFrom(holder, anchor.cursor);
      const end = all.findIndex(({ message }) => comparePlaces(placeOf(message), place) <= 0);
      const to = end === -1 ? all.length : end;
      return [Math.max(0, to - limit), to];
    }
    if (anchor.at === 'around') {
      const at = all.indexOf(this.holding({ holder, message: anchor.message }));
      if (at === -1) throw new MessageNotFoundError('this conversation has no such message');
      const newer = Math.floor((limit - 1) / 2);
      return [Math.max(0, at - newer), Math.min(all.length, at + limit - newer)];
    }
    return olderRange(all, { ...this.bounds(holder, anchor), limit });
  }

  /** Which of the messages shown the page begins with. */
  private begin(holder: AgentPubKey, shown: readonly Holding[], { anchor }: MessageQuery): number {
    if (anchor.at === 'around') return shown.indexOf(this.holding({ holder, message: anchor.message }));
    return anchor.at === 'after' ? Math.max(0, shown.length - 1) : 0;
  }

  /** The times between which a page is that begins at its newest message. */
  private bounds(holder: AgentPubKey, anchor: Exclude<PageAnchor, { at: 'after' | 'around' }>): Bounds {
    if (anchor.at === 'before')
      return { below: this.parts.cursors.placeFrom(holder, anchor.cursor), from: 0 };
    if (anchor.at === 'latest') return { below: { sentAt: Infinity, id: '' }, from: 0 };
    return { below: { sentAt: anchor.until, id: '' }, from: anchor.from };
  }

  private page(holder: AgentPubKey, holdings: readonly Holding[], beyond: Beyond): Page<HeldMessage> {
    return { items: holdings.map(heldMessage), ...this.cursors(holder, holdings, beyond) };
  }

  private cursors(
    holder: AgentPubKey,
    holdings: readonly Holding[],
    { hasNewer, hasOlder }: Beyond,
  ): Pick<Page<never>, 'next' | 'prev'> {
    const cursor = (holding: Holding | undefined): string | null =>
      holding === undefined ? null : this.parts.cursors.cursorOf(holder, holding.message);
    return { next: hasOlder ? cursor(holdings.at(-1)) : null, prev: hasNewer ? cursor(holdings[0]) : null };
  }

  private newestFirst(holder: AgentPubKey): readonly Holding[] {
    return [...this.agent(holder).holdings.values()]
      .filter(({ isDeleted }) => !isDeleted)
      .sort((a, b) => comparePlaces(placeOf(b.message), placeOf(a.message)));
  }

  private stored({ holder, message }: MessageRef): Holding {
    const holding = this.agent(holder).holdings.get(message);
    if (holding === undefined) throw new MessageNotFoundError('this agent holds no such message');
    return holding;
  }

  private agent(holder: AgentPubKey): InMemoryAgent {
    if (!this.parts.presence.isOnline(holder)) throw new AgentOfflineError('this agent is offline');
    return this.parts.agentOf(holder);
  }
}

interface Beyond {
  readonly hasNewer: boolean;
  readonly hasOlder: boolean;
}

interface Bounds {
  readonly below: Place;
  readonly from: number;
}

function olderRange(
  all: readonly Holding[],
  { below, from, limit }: Bounds & { readonly limit: number },
): [number, number] {
  const start = all.findIndex(({ message }) => isOlder(message, below));
  if (start === -1) return [all.length, all.length];
  const end = all.findIndex(({ message }, index) => index >= start && message.sentAt < from);
  return [start, Math.min(start + limit, end === -1 ? all.length : end)];
}

const bytesOf = ({ message }: Holding): number => payloadBytes(message.payload);

const placeOf = ({ sentAt, id }: Message): Place => ({ sentAt, id });

const isOlder = (message: Message, place: Place): boolean => comparePlaces(placeOf(message), place) < 0;

const peerOf = ({ author, recipient }: Message, holder: AgentPubKey): AgentPubKey =>
  author === holder ? recipient : author;

function isWith(message: Message, holder: AgentPubKey, peer: AgentPubKey | undefined): boolean {
  return peer === undefined || peerOf(message, holder) === peer;
}
