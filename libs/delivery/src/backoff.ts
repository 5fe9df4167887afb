const SECOND_US = 1_000_000;

/** Where the doubling of the waits ends. Whatever is heard from a recipient ends its wait sooner. */
const LONGEST_BASE_S = 300;

/** The jitter of a long wait is this part of it. */
const JITTER_SHARE = 16;

/**
 * How long to wait after attempt n = 1, 2, … before the next, in microseconds: (2ⁿ + U[0, 1)) seconds, as in
 * Kizuna's user interface, up to 5 minutes and a sixteenth. The jitter keeps those that failed together from trying
 * again together; from n = 5 on it is a sixteenth of the wait.
 */
export function backoffUs(attempt: number, jitter: number): number {
  const base = Math.min(2 ** attempt, LONGEST_BASE_S);
  return Math.round((base + jitter * Math.max(1, base / JITTER_SHARE)) * SECOND_US);
}

export const LONGEST_BACKOFF_US = backoffUs(Infinity, 1);

/** Processes on one database may differ in their clocks by this much. */
const CLOCK_TOLERANCE_US = 10 * SECOND_US;

/**
 * No step is put off for longer, in microseconds: neither by a backoff nor by a lease. A due time that is further
 * ahead was written by a clock that was wrong, or is read by one.
 */
export function longestWaitUs(leaseUs: number): number {
  return Math.max(leaseUs, LONGEST_BACKOFF_US) + CLOCK_TOLERANCE_US;
}
