import { type EventSourceMessage, createParser } from 'eventsource-parser';
import { UnreachableError } from './errors.js';
import { discard, link, orAborted } from './waiting.js';

export interface ReadOptions {
  readonly signal: AbortSignal;
  /** A stream that is silent for longer is dead: heartbeats come more often. */
  readonly silenceMs: number;
}

/**
 * The events of a stream of Server-Sent Events, as they come. Half an event at the end is none.
 * @param open answers with the stream; its signal aborts the reading
 * @throws UnreachableError when it is cut or silent
 */
export async function* readEvents(
  open: (signal: AbortSignal) => Promise<Response>,
  { signal, silenceMs }: ReadOptions,
): AsyncGenerator<EventSourceMessage, void, undefined> {
  const ending = new AbortController();
  const unlink = link(ending, [signal]);
  const timer = silenceTimer(ending, silenceMs);
  try {
    timer.restart();
    const response = await orAborted(open(ending.signal), ending.signal, discard);
    for await (const events of batches(response, ending.signal)) {
      // What the consumer takes its time for is no silence of the service.
      timer.stop();
      yield* events;
      timer.restart();
    }
    ending.signal.throwIfAborted();
  } catch (error) {
    throw ending.signal.aborted ? (ending.signal.reason as Error) : error;
  } finally {
    timer.stop();
    unlink();
    ending.abort(new Error('The reader has left'));
  }
}

async function* batches(
  { body, url }: Response,
  signal: AbortSignal,
): AsyncGenerator<readonly EventSourceMessage[]> {
  if (body === null) return;
  let events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  // The `fetch` that opened it may have forgotten the signal.
  signal.addEventListener('abort', () => void reader.cancel(signal.reason).catch(() => undefined), {
    once: true,
  });
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new UnreachableError(url, { cause });
    });
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
    const found = events;
    events = [];
    yield found;
  }
}

function silenceTimer(
  ending: AbortController,
  ms: number,
): { readonly restart: () => void; readonly stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    clearTimeout(timer);
  };
  const restart = (): void => {
    stop();
    timer = setTimeout(() => {
      ending.abort(new SilenceError());
    }, ms);
  };
  return { restart, stop };
}

/** The stream is open, and nothing comes. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError';

  constructor() {
    super('The stream was silent for too long');
  }
}
