/** After so many attempts in vain a step has failed, until somebody asks for it again. */
export const MAX_ATTEMPTS = 5;

const SECOND_US = 1_000_000;

/**
 * How long to wait after attempt n = 1, 2, … before the next, in microseconds: (2ⁿ + U[0, 1)) seconds, as in
 * Kizuna's user interface. The jitter keeps those that failed together from trying again together.
 */
export function backoffUs(attempt: number, jitter: number): number {
  return Math.round((2 ** attempt + jitter) * SECOND_US);
}

/** Processes on one database may differ in their clocks by this much. */
const CLOCK_TOLERANCE_US = 10 * SECOND_US;

/**
 * No step is put off for longer, in microseconds: neither by a backoff nor by a lease. A due time that is further
 * ahead was written by a clock that was wrong, or is read by one.
 */
export function longestWaitUs(leaseUs: number): number {
  return Math.max(leaseUs, backoffUs(MAX_ATTEMPTS - 1, 1)) + CLOCK_TOLERANCE_US;
}
