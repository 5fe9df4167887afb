import { type AgentPubKey, type Cursor } from '@musubi/messaging';
import { Inject, Injectable, type MessageEvent } from '@nestjs/common';
import { type AgentChangePage, AgentChanges } from '../changes/agent-changes.js';
import { type ChangeView } from '../changes/changes.schemas.js';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';
import { TypingWords } from './typing-words.js';
import { Wakes } from './wakes.js';

/** Below what proxies usually cut silent connections at. */
const HEARTBEAT_MS = 15_000;
/** How many changes are read at once: of the largest messages, less than a stream may be behind. */
const PAGE = 16;

export interface EventPage {
  readonly events: readonly MessageEvent[];
  readonly next: Cursor;
  readonly isLast: boolean;
}

interface Meanwhile {
  readonly stream: Pick<EventStream, 'ended' | 'drained'>;
  readonly typing: TypingWords;
  readonly cursor: Cursor;
}

/** One stream of events. */
export interface EventStream {
  readonly agent: AgentPubKey;
  /** What comes after it is sent. */
  readonly since: Cursor;
  /** Aborted when nobody listens any more. */
  readonly ended: AbortSignal;
  /** Resolves when the client has read what it was sent before. */
  drained(): Promise<void>;
  /** Resolves when the agent has points left for a page, or the stream has ended. */
  paid(): Promise<void>;
  /** Reads when it is the agent's turn, and charges the agent. */
  inTurn(read: () => Promise<EventPage>): Promise<EventPage>;
}

/**
 * What happens to an agent, as events: its changes, whose cursors are the events' ids. Signals only say when to look.
 * However many streams an agent has, what they are told together is read, opened and serialised once.
 */
@Injectable()
export class AgentEvents {
  private readonly wakes = new Map<AgentPubKey, Wakes<EventPage>>();

  constructor(
    @Inject(NODE) private readonly node: Pick<ServiceNode, 'clock' | 'signals'>,
    @Inject(AgentChanges) private readonly changes: Pick<AgentChanges, 'after' | 'latest'>,
  ) {}

  /**
   * Where a stream begins: after the event whose id a client saw last, or after everything that is there.
   * @throws InvalidCursorError, AgentOfflineError
   */
  async beginning(agent: AgentPubKey, lastEventId: string | undefined): Promise<Cursor> {
    if (lastEventId === undefined || lastEventId === '') return this.changes.latest(agent);
    await this.changes.after(agent, lastEventId, 1);
    return lastEventId;
  }

  /** Never ends by itself, but for an error. What was missed comes first; then what happens, when it happens. */
  async *of(stream: EventStream): AsyncGenerator<MessageEvent> {
    const { agent, since, ended } = stream;
    const wakes = this.join(stream);
    const typing = new TypingWords(this.node, agent);
    let cursor = since;
    try {
      yield heartbeat(cursor);
      while (!ended.aborted) {
        const told = wakes.next(stream);
        await stream.paid();
        const page = await wakes.share(cursor, () => stream.inTurn(() => this.read(agent, cursor)));
        yield* page.events;
        cursor = page.next;
        await stream.drained();
        if (page.isLast) yield* this.meanwhile(told, { stream, typing, cursor });
      }
    } finally {
      typing.close();
      this.leave(stream, wakes);
    }
  }

  private async read(agent: AgentPubKey, cursor: Cursor): Promise<EventPage> {
    const page = await this.changes.after(agent, cursor, PAGE);
    return { events: eventsOf(agent, page), next: page.next, isLast: page.isLast };
  }

  /** Until there is word of a change, or a heartbeat's time is over: who is typing. */
  private async *meanwhile(
    told: Promise<true>,
    { stream, typing, cursor }: Meanwhile,
  ): AsyncGenerator<MessageEvent> {
    const waiting = new AbortController();
    const end = (): void => {
      waiting.abort();
    };
    const isOver = this.node.clock.sleep(HEARTBEAT_MS, waiting.signal).then(() => 'silence' as const);
    stream.ended.addEventListener('abort', end, { once: true });
    if (stream.ended.aborted) end();
    try {
      for (;;) {
        const word = await Promise.race([told.then(() => 'change' as const), isOver, typing.next()]);
        if (word === 'change') return;
        if (word === 'silence') {
          yield heartbeat(cursor);
          return;
        }
        for (const view of typing.take()) yield { id: cursor, type: 'typing', data: JSON.stringify(view) };
        await stream.drained();
      }
    } finally {
      stream.ended.removeEventListener('abort', end);
      end();
    }
  }

  private join(stream: EventStream): Wakes<EventPage> {
    const { agent } = stream;
    const wakes =
      this.wakes.get(agent) ?? new Wakes<EventPage>((tell) => this.node.signals.subscribe(agent, tell));
    this.wakes.set(agent, wakes);
    wakes.join(stream);
    return wakes;
  }

  private leave(stream: EventStream, wakes: Wakes<EventPage>): void {
    const left = wakes.leave(stream);
    if (left === 0 && this.wakes.get(stream.agent) === wakes) this.wakes.delete(stream.agent);
  }
}

function heartbeat(id: Cursor): MessageEvent {
  return { id, type: 'heartbeat', data: '' };
}

function eventsOf(agent: AgentPubKey, { changes }: AgentChangePage): readonly MessageEvent[] {
  return changes.map(({ view, cursor }) => ({
    id: cursor,
    type: typeOf(agent, view),
    data: JSON.stringify(view.type === 'deleted' ? { strategy: view.strategy, id: view.id } : view.message),
  }));
}

/**
 * By what the message is now: what it was before is nobody's to tell. A message that is read without a receipt stays
 * `delivered`.
 */
function typeOf(agent: AgentPubKey, view: ChangeView): string {
  if (view.type === 'deleted') return 'deleted';
  const { author, status, unread } = view.message;
  if (status === 'failed') return 'delivery-failed';
  const isNew = author === agent ? status === 'saved' : unread;
  return isNew ? 'message' : 'receipt';
}
