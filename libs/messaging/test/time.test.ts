import { describe, expect, it } from '@jest/globals';
import { SystemClock } from '@musubi/messaging';

const HOUR_MS = 3_600_000;
const NOON_MS = Date.UTC(2026, 5, 1, 12);

/** The machine's two clocks, as somebody else sets them. */
class Machine {
  wallMs = NOON_MS;
  steadyMs = 0;
  readonly jumps: number[] = [];
  readonly clock = new SystemClock(() => this.wallMs, {
    steadyMs: () => this.steadyMs,
    onJump: (seconds) => this.jumps.push(seconds),
  });

  pass(ms: number): void {
    this.wallMs += ms;
    this.steadyMs += ms;
  }
}

describe('the system clock', () => {
  it('shows no time twice while the machine shows the same', () => {
    const { clock } = new Machine();

    const readings = [clock.now(), clock.now(), clock.now()].map((at) => at - NOON_MS * 1000);

    expect(readings).toEqual([0, 1, 2]);
  });

  it('hides a step back that is smaller than a second', () => {
    const machine = new Machine();
    const before = machine.clock.now();

    machine.wallMs -= 900;

    expect(machine.clock.now()).toBe(before + 1);
    expect(machine.jumps).toEqual([]);
  });

  it.each([1, 24 * 40])('shows the right time at once after it was %d h ahead', (hours) => {
    const machine = new Machine();
    machine.clock.now();
    machine.wallMs += hours * HOUR_MS;
    machine.clock.now();

    machine.wallMs -= hours * HOUR_MS;

    expect(machine.clock.now()).toBe(NOON_MS * 1000);
  });

  it('tells of each jump once, with its size', () => {
    const machine = new Machine();
    machine.clock.now();
    machine.pass(20_000);
    machine.wallMs += HOUR_MS;
    machine.clock.now();
    machine.pass(20_000);
    machine.clock.now();
    machine.wallMs -= HOUR_MS;
    machine.clock.now();

    expect(machine.jumps).toEqual([3600, -3600]);
  });

  it('tells how long the machine slept', () => {
    const machine = new Machine();
    machine.clock.now();

    // A steady clock stops while the machine sleeps.
    machine.wallMs += 8 * HOUR_MS;
    machine.clock.now();

    expect(machine.jumps).toEqual([8 * 3600]);
  });

  it('sleeps on when a timer cannot wait for so long', async () => {
    const { clock } = new Machine();
    const ending = new AbortController();
    let isAwake = false;
    const sleeping = clock.sleep(2 ** 31, ending.signal).then(() => {
      isAwake = true;
    });

    // A timer that overflows fires after a millisecond.
    await clock.sleep(50);
    expect(isAwake).toBe(false);
    ending.abort();
    await sleeping;
  });
});
