import { LONGEST_BACKOFF_US, backoffUs } from './backoff.js';

/**
 * How long a step is tried again that nobody takes up and nobody refuses for good: for some time, or so many times, as
 * Kizuna's user interface did.
 */
export type Patience =
  /** In microseconds; `Infinity` for ever. */
  { readonly kind: 'time'; readonly us: number } | { readonly kind: 'attempts'; readonly most: number };

const DAY_US = 86_400_000_000;

/** A recipient that is shut for a week is no failure. */
export const USUAL_PATIENCE: Patience = { kind: 'time', us: 30 * DAY_US };

/** The five-attempts rule: waits of (2ⁿ + U[0, 1)) s, and an end after some 30 s. */
export const FIVE_ATTEMPTS: Patience = { kind: 'attempts', most: 5 };

/** How much of the patience one wait may use up, or a time in which nobody looked. */
const SHARE = 30;

/**
 * No wait is longer, and no time in which nobody looked counts for more, in microseconds: so neither a clock that was
 * wrong for a moment nor a node that slept for months ends what was hardly tried.
 */
export function longestShareUs(patience: Patience): number {
  if (patience.kind === 'attempts') return LONGEST_BACKOFF_US;
  return Math.min(Math.floor(patience.us / SHARE), Number.MAX_SAFE_INTEGER);
}

/** How much has to be used up before a step fails, in microseconds. */
export function patienceUs(patience: Patience): number {
  return patience.kind === 'attempts'
    ? Number.MAX_SAFE_INTEGER
    : Math.min(patience.us, Number.MAX_SAFE_INTEGER);
}

/** What a step has used up. */
interface Endurance {
  /** The number of failed attempts. */
  readonly attempt: number;
  readonly waitedUs: number;
}

/** How long to wait after attempt n = 1, 2, …, in microseconds, while the patience lasts. */
export function waitUs(patience: Patience, attempt: number, jitter: number): number {
  return Math.min(backoffUs(attempt, jitter), longestShareUs(patience));
}

/** How long to wait after the last of these attempts, in microseconds; `null` when the patience is over. */
export function nextWaitUs(patience: Patience, used: Endurance, jitter: number): number | null {
  const wait = waitUs(patience, used.attempt, jitter);
  if (patience.kind === 'attempts') return used.attempt >= patience.most ? null : wait;
  const left = patience.us - used.waitedUs;
  return left <= 0 ? null : Math.min(wait, left);
}
