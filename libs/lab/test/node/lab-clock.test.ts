import { describe, expect, it } from '@jest/globals';
import { SimulatedClock } from '../../src/node/lab-clock.js';

function clockBeside(): { readonly clock: SimulatedClock; readonly goOn: (us: number) => void } {
  let real = 5_000;
  const clock = new SimulatedClock(1_000_000, () => real);
  return { clock, goOn: (us) => (real += us) };
}

describe('what a simulated clock had been put forward to', () => {
  it('is told of any moment of real time', () => {
    const { clock, goOn } = clockBeside();
    goOn(100);
    clock.advanceTo(2_000_000);
    goOn(100);
    clock.advanceTo(9_000_000);

    const shown = [4_000, 5_000, 5_099, 5_100, 5_199, 5_200, 1_000_000].map((real) => clock.shownAt(real));
    expect(shown).toEqual([1e6, 1e6, 1e6, 2e6, 2e6, 9e6, 9e6]);
  });

  it('is the same however often it was looked at meanwhile, and however long that took', () => {
    const { clock, goOn } = clockBeside();
    clock.advanceTo(2_000_000);
    for (let looks = 0; looks < 3; looks += 1) {
      clock.now();
      goOn(7);
      clock.advanceTo(1_500_000);
    }
    expect(clock.time).toBe(2_000_003);
    expect(clock.shownAt(5_020)).toBe(2_000_000);
  });

  it('counts what a delay lets go by', async () => {
    const { clock, goOn } = clockBeside();
    goOn(10);
    await clock.pass(3);
    expect([clock.shownAt(5_009), clock.shownAt(5_010)]).toEqual([1_000_000, 1_003_000]);
  });
});
