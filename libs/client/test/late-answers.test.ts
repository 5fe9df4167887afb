import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { MusubiClient } from '@musubi/client';
import { readEvents } from '../src/event-stream.js';

const URL_OF_NOBODY = 'http://127.0.0.1:9';
const ENOUGH = new Error('enough');

/** A `fetch` that does not hear of aborts. It answers, with a body that never ends, when it is told to. */
class DeafFetch {
  readonly isAsked: Promise<void>;
  /** Resolves when nobody wants the body any more. */
  readonly isCancelled: Promise<void>;
  answer: () => void = () => undefined;
  readonly fetch: () => Promise<Response>;

  constructor(status: number) {
    let cancel: () => void = () => undefined;
    let ask: () => void = () => undefined;
    this.isCancelled = new Promise((resolve) => {
      cancel = resolve;
    });
    this.isAsked = new Promise((resolve) => {
      ask = resolve;
    });
    const body = new ReadableStream({
      pull: async (controller) => {
        await setImmediate();
        controller.enqueue(new Uint8Array(1));
      },
      cancel,
    });
    const answered = new Promise<Response>((resolve) => {
      this.answer = (): void => {
        resolve(new Response(body, { status }));
      };
    });
    this.fetch = (): Promise<Response> => {
      ask();
      return answered;
    };
  }
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => error,
  );

describe('an answer that nobody waits for any more', () => {
  it.each([200, 500])('of %i is cancelled when it comes', async (status) => {
    const { fetch, isAsked, answer, isCancelled } = new DeafFetch(status);
    const client = new MusubiClient({ url: URL_OF_NOBODY, fetch });
    const ending = new AbortController();
    const call = failureOf(client.agent('an-agent', { signal: ending.signal }));
    await isAsked;

    ending.abort(ENOUGH);
    answer();

    expect(await call).toBe(ENOUGH);
    await isCancelled;
  });

  it('is cancelled while it is read', async () => {
    const { fetch, isAsked, answer, isCancelled } = new DeafFetch(200);
    const client = new MusubiClient({ url: URL_OF_NOBODY, fetch });
    const ending = new AbortController();
    const call = failureOf(client.agent('an-agent', { signal: ending.signal }));
    await isAsked;
    answer();
    await setImmediate();

    ending.abort(ENOUGH);

    expect(await call).toBe(ENOUGH);
    await isCancelled;
  });

  it('is cancelled when it is a stream', async () => {
    const { fetch, isAsked, answer, isCancelled } = new DeafFetch(200);
    const ending = new AbortController();
    const first = failureOf(readEvents(fetch, { signal: ending.signal, silenceMs: 60_000 }).next());
    await isAsked;

    ending.abort(ENOUGH);
    expect(await first).toBe(ENOUGH);
    answer();

    await isCancelled;
  });
});
