import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@musubi/observers';
import { EventQueue } from '../../src/simulation/agenda.js';
import { IMMEDIATE, batchedEvery, delayedBy } from '../../src/simulation/receipt-timing.js';

const nothing = (): void => undefined;

describe('an agenda', () => {
  it('gives what is due, in order of time, and of keys at one time', () => {
    const agenda = new EventQueue();
    for (const [due, key] of [
      [20, 'b'],
      [30, 'c'],
      [20, 'a'],
      [10, 'd'],
    ] as const) {
      agenda.add({ due, key, act: nothing });
    }
    const taken = [agenda.take(20), agenda.take(20), agenda.take(20), agenda.take(20)];
    expect(taken.map((each) => each?.key)).toEqual(['d', 'a', 'b', undefined]);
    expect(agenda.take(Infinity)?.key).toBe('c');
  });

  it('has one appointment for a key, until that is over', () => {
    const agenda = new EventQueue();
    agenda.add({ due: 2, key: 'a', act: nothing });
    agenda.add({ due: 1, key: 'a', act: nothing });
    expect(agenda.take(5)?.due).toBe(2);
    agenda.add({ due: 3, key: 'a', act: nothing });
    expect(agenda.take(5)?.due).toBe(3);
    expect(agenda.take(5)).toBeUndefined();
  });
});

describe('when receipts are let through', () => {
  const random = new SeededRandom(1);

  it('is at once, or at the next full period', () => {
    expect(IMMEDIATE.dueAt(7, random)).toBe(7);
    const batched = batchedEvery(60);
    expect([0, 59, 60, 61].map((arisen) => batched.dueAt(arisen, random))).toEqual([60, 60, 120, 120]);
  });

  it('is after waits that have the mean that was asked for', () => {
    const waits = Array.from({ length: 4000 }, () => delayedBy(1000).dueAt(5, random) - 5);
    expect(Math.min(...waits)).toBeGreaterThan(0);
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    expect(Math.abs(mean - 1000)).toBeLessThan(60);
  });
});
