import { type EventSourceMessage } from 'eventsource-parser';
import { ProblemError } from './errors.js';
import { readEvents } from './event-stream.js';
import { Repeats } from './repeats.js';
import {
  type Message,
  type RawChange,
  type RawChangePage,
  type StrategyName,
  type StreamEvent,
} from './types.js';
import { faultOf } from './verify.js';
import { type Waiting, backoffMs, link } from './waiting.js';

/** What is new or changed for the agent. */
export type Change =
  /** A message that is new, or changed, as it is now. */
  | { readonly type: 'message'; readonly strategy: StrategyName; readonly message: Message }
  /** This agent deleted it. */
  | { readonly type: 'deleted'; readonly strategy: StrategyName; readonly id: string }
  /** The service showed a message that its receipts do not prove. */
  | { readonly type: 'unverified'; readonly message: Message; readonly reason: string };

export type Connection =
  | { readonly state: 'live' }
  /** The service cannot be reached. The client tries again after `retryInMs`. */
  | { readonly state: 'away'; readonly error: unknown; readonly retryInMs: number };

export interface ChangesOptions {
  /** The `cursor` of earlier changes. Absent: from now on. `beginning`: everything there is. */
  readonly since?: string;
  /** Ends the iteration; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** `poll` asks again and again, where a proxy holds streams back. */
  readonly via?: 'stream' | 'poll';
  /** Told when the connection is lost, and when it is there again. */
  readonly onConnection?: (connection: Connection) => void;
  /** Told when somebody begins or stops to write to the agent. Never by `poll`, and it may be lost. */
  readonly onTyping?: (typing: Typing) => void;
}

/** A peer that writes to the agent: to be shown for so many seconds, or until it says that it has stopped. */
export type Typing = Extract<StreamEvent, { event: 'typing' }>['data'];

/** How the changes are fetched. */
export interface ChangeSource {
  readonly waiting: Waiting;
  /** Whether messages are checked. */
  readonly verifies: boolean;
  page(since: string | undefined, options: PageOptions): Promise<RawChangePage>;
  stream(since: string, signal: AbortSignal): Promise<Response>;
  /** Signs in again where that helps. @returns what still stands in the way; `null`: nothing */
  recover(error: unknown, signal: AbortSignal): Promise<unknown>;
}

export interface PageOptions {
  readonly signal: AbortSignal;
  readonly waitS?: number;
}

const LATEST = 'latest';
const POLL_S = 25;
/** The service's heartbeats come after 15 s of silence. */
const SILENCE_MS = 45_000;
/** A stream that lasted so long has worked. */
const WORKED_MS = 5000;

/**
 * An agent's changes, one after another, over all losses of the connection: pages of `GET /v1/changes` bring what was missed,
 * and the stream goes on from there. Each change is yielded once.
 */
export class Changes implements AsyncIterable<Change> {
  /** Resolves when the place is known from which changes are yielded: what happens afterwards is among them. */
  readonly ready: Promise<void>;
  private readonly ending = new AbortController();
  private place: string | undefined;
  private failures = 0;
  private isLive = false;
  private hasRecovered = false;
  private readonly repeats = new Repeats();

  constructor(
    private readonly source: ChangeSource,
    private readonly options: ChangesOptions,
  ) {
    link(this.ending, [options.signal]);
    this.place = options.since === 'beginning' ? undefined : options.since;
    this.ready = options.since === undefined ? this.begin() : Promise.resolve();
    // The iterating caller gets the error.
    this.ready.catch(() => undefined);
  }

  /** After everything that the loop has finished with: pass it as `since` to go on after the end of the program. */
  get cursor(): string | undefined {
    return this.place;
  }

  /** Ends the connection. A loop that waits rejects with the reason. */
  close(reason: unknown = new DOMException('The changes were closed', 'AbortError')): void {
    this.ending.abort(reason);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Change, void, undefined> {
    await this.ready;
    try {
      for (;;) {
        const begun = performance.now();
        const lost = yield* this.round();
        if (performance.now() - begun > WORKED_MS) this.failures = 0;
        await this.pause(lost);
      }
    } finally {
      this.ending.abort(new DOMException('The loop has ended', 'AbortError'));
    }
  }

  private begin(): Promise<void> {
    const { signal } = this.ending;
    return this.patiently(async () => {
      this.place = (await this.source.page(LATEST, { signal })).next;
    });
  }

  /** What was missed, and then what happens, until the connection is lost. @returns what was wrong with it */
  private async *round(): AsyncGenerator<Change, unknown, undefined> {
    try {
      yield* this.missed();
      if (this.options.via === 'poll') yield* this.polled();
      else yield* this.streamed();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  private async *missed(): AsyncGenerator<Change, void, undefined> {
    let found = 1;
    while (found > 0) found = yield* this.page(0);
  }

  private async *polled(): AsyncGenerator<Change, never, undefined> {
    for (;;) {
      this.tell({ state: 'live' });
      yield* this.page(POLL_S);
    }
  }

  /** @returns how many changes it had */
  private async *page(waitS: number): AsyncGenerator<Change, number, undefined> {
    const page = await this.source.page(this.place, { signal: this.ending.signal, waitS });
    for (const item of page.items) yield* this.shown(item);
    const isSame = page.next === this.place;
    this.place = page.next;
    // A page of unreadable messages is empty, and others may follow.
    return page.items.length + (isSame ? 0 : (page.unreadable ?? 0));
  }

  private async *streamed(): AsyncGenerator<Change, void, undefined> {
    const { signal } = this.ending;
    const open = (ending: AbortSignal): Promise<Response> => this.source.stream(this.place ?? '', ending);
    for await (const event of readEvents(open, { signal, silenceMs: SILENCE_MS })) {
      this.tell({ state: 'live' });
      if (event.event === 'typing') this.options.onTyping?.(JSON.parse(event.data) as Typing);
      const change = changeOf(event);
      if (change !== null) yield* this.shown(change);
      this.place = event.id ?? this.place;
    }
  }

  private *shown(item: RawChange): Generator<Change, void, undefined> {
    if (!this.repeats.isRepeat(item)) yield this.checked(item);
  }

  private checked(item: RawChange): Change {
    if (item.type === 'deleted') return item;
    const reason = this.source.verifies ? faultOf(item.message) : null;
    return reason === null ? item : { type: 'unverified', message: item.message, reason };
  }

  private async patiently(work: () => Promise<void>): Promise<void> {
    for (;;) {
      const error: unknown = await work().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) return;
      await this.pause(error);
    }
  }

  /** Waits before the next try. @throws what no further try would mend */
  private async pause(lost: unknown): Promise<void> {
    const { signal } = this.ending;
    signal.throwIfAborted();
    const error = this.hasRecovered ? lost : await this.source.recover(lost, signal);
    if (error === null) {
      this.hasRecovered = true;
      return;
    }
    if (error instanceof ProblemError && !isPassing(error)) throw error;
    const asked = error instanceof ProblemError ? (error.retryAfterMs ?? 0) : 0;
    const retryInMs = Math.max(asked, backoffMs(this.failures, this.source.waiting.random));
    this.failures += 1;
    this.tell({ state: 'away', error, retryInMs });
    await this.source.waiting.sleep(retryInMs, signal);
  }

  private tell(connection: Connection): void {
    const isLive = connection.state === 'live';
    if (!isLive || !this.isLive) this.options.onConnection?.(connection);
    this.isLive = isLive;
    if (isLive) this.hasRecovered = false;
  }
}

/** Whether the service may answer otherwise later, though nobody does anything. */
function isPassing({ retryable, code, status }: ProblemError): boolean {
  return (retryable || status >= 500) && code !== 'agent-offline';
}

/** @returns `null` for a heartbeat, and for events that later services may have */
function changeOf({ event, data }: EventSourceMessage): RawChange | null {
  if (event === 'deleted') return { type: 'deleted', ...(JSON.parse(data) as DeletedData) };
  if (event === undefined || !OF_MESSAGES.has(event)) return null;
  const message = JSON.parse(data) as Message;
  return { type: 'message', strategy: message.strategy, message };
}

type DeletedData = Pick<Extract<RawChange, { type: 'deleted' }>, 'strategy' | 'id'>;
const OF_MESSAGES: ReadonlySet<string> = new Set(['message', 'receipt', 'delivery-failed']);
