import { type Problem, type ProblemCode } from './types.js';

const PREFIX = 'urn:musubi:problem:';

/** The service refused, and says why (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    readonly problem: Problem,
    /** When the service wants to be asked again. */
    readonly retryAfterMs?: number,
  ) {
    super(`${problem.title}: ${problem.detail}`);
  }

  /** `unknown` where something between client and service answered. */
  get code(): ProblemCode | 'unknown' {
    const { type } = this.problem;
    return type.startsWith(PREFIX) ? (type.slice(PREFIX.length) as ProblemCode) : 'unknown';
  }

  get status(): number {
    return this.problem.status;
  }

  get retryable(): boolean {
    return this.problem.retryable;
  }
}

/** No answer came. The service may have carried the request out. */
export class UnreachableError extends Error {
  override readonly name: string = 'UnreachableError';

  constructor(
    readonly url: string,
    options?: ErrorOptions,
    message = `No answer from ${new URL(url).origin}`,
  ) {
    super(message, options);
  }
}

/** No answer came in time. */
export class TimeoutError extends UnreachableError {
  override readonly name = 'TimeoutError';

  constructor(url: string, timeoutMs: number) {
    super(url, undefined, `No answer from ${new URL(url).origin} within ${timeoutMs} ms`);
  }
}

/** The service showed a message that its receipts do not prove. */
export class UnverifiedMessageError extends Error {
  override readonly name = 'UnverifiedMessageError';

  constructor(
    /** As the message gives it: it may be anything. */
    readonly id: string,
    readonly reason: string,
  ) {
    super(`The message ${id} is not proven: ${reason}`);
  }
}

/** The bytes that came are not those of the file. */
export class UnverifiedFileError extends Error {
  override readonly name = 'UnverifiedFileError';

  constructor(
    /** Of the file, or its name before it has an id. */
    readonly file: string,
    readonly reason: string,
  ) {
    super(`The file ${file} is not proven: ${reason}`);
  }
}

/** The service is older than this client, and does not know what is asked of it. */
export class OutdatedServiceError extends Error {
  override readonly name = 'OutdatedServiceError';

  constructor(
    readonly url: string,
    options: ErrorOptions,
  ) {
    const { origin, pathname } = new URL(url);
    super(`${origin} has no ${pathname}: the service is older than this client`, options);
  }
}

/** The problem in an answer that is no success. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => undefined);
  return new ProblemError(isProblem(body) ? body : foreign(response), retryAfterOf(response.headers));
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  const { type, title, detail, status } = body as Partial<Record<keyof Problem, unknown>>;
  return [type, title, detail].every((text) => typeof text === 'string') && typeof status === 'number';
}

/** A proxy in between answers in its own words. */
const RETRYABLE_OF_PROXIES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

function foreign({ status, statusText }: Response): Problem {
  const title = statusText === '' ? `HTTP ${status}` : statusText;
  const detail = `The answer ${status} is no problem of Musubi. Something else may have answered.`;
  return { type: 'about:blank', title, status, detail, retryable: RETRYABLE_OF_PROXIES.has(status) };
}

/** Seconds, or a date, which counts from the `Date` of the same answer: so the client's clock does not matter. */
function retryAfterOf(headers: Headers): number | undefined {
  const after = headers.get('retry-after');
  if (after === null) return undefined;
  if (/^\d+$/.test(after)) return Number(after) * 1000;
  const wait = Date.parse(after) - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
