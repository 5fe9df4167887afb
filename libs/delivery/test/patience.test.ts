import { describe, expect, it } from '@jest/globals';
import { FIVE_ATTEMPTS, type Patience, USUAL_PATIENCE, backoffUs, nextWaitUs } from '../src/index.js';

const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
const DAY_US = 24 * 60 * MINUTE_US;

/** How a step goes on that is tried whenever it is due, in vain. */
function course(
  patience: Patience,
  jitter: number,
): { attempts: number; waitedUs: number; longestUs: number } {
  let [attempt, waitedUs, longestUs] = [1, 0, 0];
  for (;;) {
    const wait = nextWaitUs(patience, { attempt, waitedUs }, jitter);
    if (wait === null) return { attempts: attempt, waitedUs, longestUs };
    waitedUs += wait;
    longestUs = Math.max(longestUs, wait);
    attempt += 1;
  }
}

describe('the wait after an attempt in vain', () => {
  it('is (2ⁿ + U) seconds for the first four', () => {
    expect([1, 2, 3, 4].map((attempt) => backoffUs(attempt, 0.25) / SECOND_US)).toEqual([
      2.25, 4.25, 8.25, 16.25,
    ]);
  });

  it('ends to double at five minutes, with a jitter that grows with it', () => {
    expect([8, 9, 1000].map((attempt) => backoffUs(attempt, 0) / SECOND_US)).toEqual([256, 300, 300]);
    expect(backoffUs(1000, 0.999) / SECOND_US).toBeCloseTo(318.73, 1);
  });
});

describe('patience', () => {
  it('lasts for 30 days, with an attempt every five minutes or so', () => {
    const { attempts, waitedUs, longestUs } = course(USUAL_PATIENCE, 0.5);

    expect([waitedUs, longestUs <= 6 * MINUTE_US]).toEqual([30 * DAY_US, true]);
    expect(attempts).toBeGreaterThan((30 * DAY_US) / (6 * MINUTE_US));
    expect(attempts).toBeLessThan((30 * DAY_US) / (5 * MINUTE_US) + 10);
  });

  it('of a minute waits two seconds at most, and ends on time', () => {
    expect(course({ kind: 'time', us: MINUTE_US }, 0.999)).toEqual({
      attempts: 31,
      waitedUs: MINUTE_US,
      longestUs: 2 * SECOND_US,
    });
  });

  it('of five attempts ends after some 30 s', () => {
    expect(course(FIVE_ATTEMPTS, 0)).toEqual({
      attempts: 5,
      waitedUs: (2 + 4 + 8 + 16) * SECOND_US,
      longestUs: 16 * SECOND_US,
    });
  });

  it('without end ends never', () => {
    const used = { attempt: 1_000_000, waitedUs: 1000 * 365 * DAY_US };

    expect(nextWaitUs({ kind: 'time', us: Infinity }, used, 0)).toBe(5 * MINUTE_US);
  });
});
