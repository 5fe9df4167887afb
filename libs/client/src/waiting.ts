/** Injected by tests; by default the platform's. */
export interface Waiting {
  /** Resolves after that time; rejects with the signal's reason when it is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Milliseconds since whenever; it never falls. */
  readonly now: () => number;
}

export const platformWaiting: Waiting = { sleep, random, now: () => performance.now() };

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

const RANGE = 2 ** 32;

function random(): number {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  return drawn / RANGE;
}

const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** Doubles up to ten seconds. Half of it is random, so that clients of a service that returns do not come together. */
export function backoffMs(failures: number, random: () => number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
  return whole / 2 + (whole / 2) * random();
}

/** What a piece of work may end by. */
export interface Limits {
  readonly signals: readonly (AbortSignal | null | undefined)[];
  readonly timeoutMs: number;
  readonly timeout: () => Error;
}

/**
 * Runs work with one signal for all its limits; `renew` begins the time-out anew. `AbortSignal.any` would do the same, but Node 20 keeps what it made for as
 * long as the longest signal lives.
 */
export async function withLimits<Value>(
  { signals, timeoutMs, timeout }: Limits,
  work: (signal: AbortSignal, renew: () => void) => Promise<Value>,
): Promise<Value> {
  const ending = new AbortController();
  const start = (): ReturnType<typeof setTimeout> =>
    setTimeout(() => {
      ending.abort(timeout());
    }, timeoutMs);
  let timer = start();
  let isOver = false;
  const renew = (): void => {
    clearTimeout(timer);
    if (!isOver) timer = start();
  };
  const unlink = link(ending, signals);
  try {
    return await orAborted(work(ending.signal, renew), ending.signal);
  } catch (error) {
    throw ending.signal.aborted ? (ending.signal.reason as Error) : error;
  } finally {
    isOver = true;
    clearTimeout(timer);
    unlink();
  }
}

/**
 * The work, or the signal's reason as soon as it is aborted. A `fetch` alone need not hear of it: Node 20 forgets the
 * signal of one whose request was garbage-collected.
 * @param onLate gets what the work brings after the abort
 */
export async function orAborted<Value>(
  work: Promise<Value>,
  signal: AbortSignal | undefined,
  onLate: (value: Value) => void = () => undefined,
): Promise<Value> {
  if (signal === undefined) return work;
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    // When the work itself has failed, nothing comes late.
    work.then(onLate, () => undefined);
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Nobody reads this answer: its connection is free again. */
export function discard({ body }: Response): void {
  body?.cancel().catch(() => undefined);
}

/** Aborts the controller with any of these signals, until the returned function is called. */
export function link(
  controller: AbortController,
  signals: readonly (AbortSignal | null | undefined)[],
): () => void {
  const undo = signals.flatMap((signal) => {
    if (signal === null || signal === undefined) return [];
    const abort = (): void => {
      controller.abort(signal.reason);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    return [
      (): void => {
        signal.removeEventListener('abort', abort);
      },
    ];
  });
  return () => {
    for (const one of undo) one();
  };
}
