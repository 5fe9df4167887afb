import { beforeEach, describe, expect, it } from '@jest/globals';
import { SETTLING_MS, SettledTime } from '../src/sessions/settled-time.js';

const START_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;

let elapsed: number;
let wrongBy: number;
let steps: string[];
let time: SettledTime;

const readMs = (): number => time.now() / 1000 - START_MS;

/** Time passes, and is read as often as a sweep does. */
function pass(ms: number): void {
  const end = elapsed + ms;
  while (elapsed < end) {
    elapsed = Math.min(end, elapsed + 30_000);
    time.now();
  }
}

beforeEach(() => {
  [elapsed, wrongBy, steps] = [0, 0, []];
  time = new SettledTime({
    wall: () => START_MS + elapsed + wrongBy,
    monotonic: () => elapsed,
    onStep: (event, aheadMs) => steps.push(`${event} ${aheadMs}`),
  });
});

describe('settled time', () => {
  it('is the time of the wall clock, also when that is adjusted', () => {
    pass(60_000);
    wrongBy = 4000;

    expect([readMs(), steps]).toEqual([64_000, []]);
  });

  it.each([
    ['ahead', 10 * DAY_MS],
    ['behind', -10 * DAY_MS],
  ])('does not follow a clock that is %s for a moment, and tells', (_, step) => {
    wrongBy = step;
    pass(SETTLING_MS - 30_000);
    const meanwhile = readMs();
    wrongBy = 0;
    pass(10 * SETTLING_MS);

    expect([meanwhile, readMs()]).toEqual([SETTLING_MS - 30_000, 11 * SETTLING_MS - 30_000]);
    expect(steps).toEqual([`clock-stepped ${step}`]);
  });

  it.each([
    ['ahead', 10 * DAY_MS],
    ['behind', -10 * DAY_MS],
  ])('follows a step %s that lasts, and tells', (_, step) => {
    wrongBy = step;
    pass(2 * SETTLING_MS);

    expect(readMs()).toBe(2 * SETTLING_MS + step);
    expect(steps).toEqual([`clock-stepped ${step}`, `clock-step-settled ${step}`]);
  });

  it('does not follow steps of which each takes back the one before', () => {
    for (let round = 0; round < 5; round += 1) {
      wrongBy = (round + 1) * DAY_MS;
      pass(SETTLING_MS / 2);
    }

    expect(readMs()).toBe((5 * SETTLING_MS) / 2);
  });
});
