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
