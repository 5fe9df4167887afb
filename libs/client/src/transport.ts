import { toBase64Url } from './base64url.js';
import { ProblemError, TimeoutError, UnreachableError, problemOf } from './errors.js';
import { type Waiting, backoffMs, discard, withLimits } from './waiting.js';

export type Fetch = (request: Request, init?: RequestInit) => Promise<Response>;

export interface TransportOptions {
  readonly fetch: Fetch;
  readonly waiting: Waiting;
  /** For the whole answer to one attempt. */
  readonly timeoutMs: number;
  /** How often a request is sent at most. */
  readonly attempts: number;
  /** A service that wants a longer pause is given up. */
  readonly longestPauseMs: number;
  token(): string | undefined;
  /** Signs in again, if the client can. @returns what still stands in the way; `null`: the same request may succeed now */
  recover(problem: ProblemError, signal: AbortSignal | undefined): Promise<unknown>;
}

/** What every call of the client takes. */
export interface CallOptions {
  /** Ends the call, and its repeats. */
  readonly signal?: AbortSignal;
  /** For the answer to one attempt. */
  readonly timeoutMs?: number;
}

export interface Call extends CallOptions {
  /** Of the service's own waiting, beyond the time-out. */
  readonly waitMs?: number;
  /** Signing in itself is not mended by signing in. */
  readonly isSigningIn?: boolean;
  /** The caller repeats the request itself. */
  readonly isSingle?: boolean;
}

/** What repeats one attempt, and for how long. */
export interface Repetition {
  readonly signal: AbortSignal | undefined;
  readonly mayRepeat: (error: unknown) => boolean;
  /** How often at most, instead of the client's own bound. */
  readonly attempts?: number | undefined;
  /** For how long at most. A service that has no place yet is then asked again, and that is no failed attempt. */
  readonly patienceMs?: number;
  /** Signing in itself is not mended by signing in. */
  readonly isSigningIn?: boolean;
  /** The caller repeats the request itself. */
  readonly isSingle?: boolean;
}

interface Tried {
  readonly failures: number;
  /** By the clock of waiting. */
  readonly since: number;
}

const KEY_BYTES = 24;
/** Nothing happened before these answers, whatever the request was. */
const REFUSED_BEFORE: ReadonlySet<string> = new Set(['rate-limited']);
const TAKES_KEY = /\/v1\/(agents|strategies\/[^/]+\/messages)$/;
const REPEATABLE_POST = /\/(retry|receipts|deletion)$/;

/** Sends requests until one is answered: repeats what may be repeated, when the service says. */
export class Transport {
  constructor(private readonly options: TransportOptions) {}

  /** A `fetch` for one call. It resolves with a success, whole, or rejects. */
  for(call: Call): (request: Request) => Promise<Response> {
    return (request) => this.send(prepared(request), call);
  }

  /**
   * One attempt, whose answer is still to be read.
   * @param request is used up
   * @throws ProblemError, UnreachableError
   */
  async open(request: Request, signal: AbortSignal): Promise<Response> {
    const response = await this.fetchOnce(request, signal);
    if (response.ok) return response;
    throw await problemOf(response);
  }

  /** For the answer to one attempt, where the call says nothing else. */
  get timeoutMs(): number {
    return this.options.timeoutMs;
  }

  /** Signs in again where that helps, also for `open`. @returns what still stands in the way; `null`: nothing */
  recover(error: unknown, signal?: AbortSignal): Promise<unknown> {
    return error instanceof ProblemError ? this.options.recover(error, signal) : Promise.resolve(error);
  }

  /** Makes one attempt after another, when the service says, until one succeeds or may not be repeated. */
  async repeated<Value>(attempt: () => Promise<Value>, repetition: Repetition): Promise<Value> {
    let mayRecover = repetition.isSigningIn !== true;
    const since = this.options.waiting.now();
    for (let failures = 0; ;) {
      try {
        return await attempt();
      } catch (error) {
        const inTheWay: unknown = mayRecover ? await this.recover(error, repetition.signal) : error;
        if (inTheWay === null) mayRecover = false;
        else {
          await this.pauseAfter(inTheWay, { failures, since }, repetition);
          if (!isWaitingForPlace(inTheWay, repetition)) failures += 1;
        }
      }
    }
  }

  private send(request: Request, call: Call): Promise<Response> {
    return this.repeated(() => this.attempt(request, call), {
      ...call,
      signal: call.signal ?? request.signal,
      mayRepeat: (error) => mayRepeat(error, request),
    });
  }

  private attempt(request: Request, call: Call): Promise<Response> {
    const timeoutMs = (call.timeoutMs ?? this.options.timeoutMs) + (call.waitMs ?? 0);
    const timeout = (): Error => new TimeoutError(request.url, timeoutMs);
    return withLimits({ signals: [call.signal, request.signal], timeoutMs, timeout }, async (signal) => {
      const response = await this.open(request.clone(), signal);
      return whole(response, { url: request.url, signal });
    });
  }

  private async fetchOnce(request: Request, signal: AbortSignal): Promise<Response> {
    const token = this.options.token();
    if (token !== undefined && !request.headers.has('authorization'))
      request.headers.set('authorization', `Bearer ${token}`);
    const response = await this.options.fetch(request, { signal }).catch((error: unknown) => {
      throw signal.aborted ? error : new UnreachableError(request.url, { cause: error });
    });
    if (!signal.aborted) return response;
    discard(response);
    throw signal.reason as Error;
  }

  /** Waits before the next attempt. @throws the error itself when there is none */
  private async pauseAfter(
    error: unknown,
    { failures, since }: Tried,
    repetition: Repetition,
  ): Promise<void> {
    const { waiting, longestPauseMs } = this.options;
    const { patienceMs = Infinity } = repetition;
    const asked = error instanceof ProblemError ? (error.retryAfterMs ?? 0) : 0;
    const pause = Math.max(asked, backoffMs(failures, waiting.random));
    const isLate = asked > longestPauseMs || waiting.now() - since + pause > patienceMs;
    if (isLate || this.isLast(error, failures, repetition) || !repetition.mayRepeat(error)) throw error;
    await waiting.sleep(pause, repetition.signal);
  }

  private isLast(error: unknown, failures: number, repetition: Repetition): boolean {
    if (repetition.isSingle === true) return true;
    if (isWaitingForPlace(error, repetition)) return false;
    return failures + 1 >= (repetition.attempts ?? this.options.attempts);
  }
}

/** Reads the body within the attempt, so that a cut is repeated, a stall is timed, and an abort ends the transfer. */
async function whole(
  { status, statusText, headers, body: stream }: Response,
  { url, signal }: { readonly url: string; readonly signal: AbortSignal },
): Promise<Response> {
  try {
    const reader = (stream as ReadableStream<Uint8Array<ArrayBuffer>> | null)?.getReader();
    const body = joined(reader === undefined ? [] : await chunksOf(reader, signal));
    return new Response(body.length === 0 ? null : body, { status, statusText, headers });
  } catch (cause) {
    throw new UnreachableError(url, { cause });
  }
}

async function chunksOf<Chunk>(
  reader: ReadableStreamDefaultReader<Chunk>,
  signal: AbortSignal,
): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = [];
  // The `fetch` that opened it may have forgotten the signal.
  const cancel = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) chunks.push(read.value);
    return chunks;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, end);
    end += chunk.length;
  }
  return bytes;
}

/** Gives a key to what cannot be repeated without one. */
function prepared(request: Request): Request {
  const { method, headers, url } = request;
  const needsKey = method === 'POST' && TAKES_KEY.test(new URL(url).pathname);
  if (needsKey && !headers.has('idempotency-key')) headers.set('idempotency-key', newKey());
  return request;
}

/** Must not be guessable: the key of an unattended agent's creation opens its token. */
export function newKey(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
}

function mayRepeat(error: unknown, request: Request): boolean {
  if (!isPassing(error)) return false;
  const isRefusedBefore = error instanceof ProblemError && REFUSED_BEFORE.has(error.code);
  return isRefusedBefore || isRepeatable(request);
}

/** Whether the same request may succeed later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return error instanceof ProblemError && error.retryable && error.code !== 'agent-offline';
}

function isWaitingForPlace(error: unknown, { patienceMs }: Repetition): boolean {
  return patienceMs !== undefined && error instanceof ProblemError && error.code === 'unavailable';
}

function isRepeatable({ method, headers, url }: Request): boolean {
  return method !== 'POST' || headers.has('idempotency-key') || REPEATABLE_POST.test(new URL(url).pathname);
}
