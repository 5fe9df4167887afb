import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Budget } from '../src/access/budget.js';
import { type TryLaterError } from '../src/problem/api-error.js';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** Seconds until it may be tried again; 0 when the points were there. */
const refusalOf = async (budget: Budget, points = 1): Promise<number> =>
  budget.spend('key', points).then(
    () => 0,
    (error: unknown) => (error as TryLaterError).retryAfter,
  );

describe('a budget', () => {
  it('has as many points for each window', async () => {
    const budget = new Budget(3, 1);
    await budget.spend('key', 3);

    expect(await refusalOf(budget)).toBe(1);
    jest.advanceTimersByTime(1000);
    expect(await refusalOf(budget, 3)).toBe(0);
  });

  it('is charged for what is done, and refuses until that is paid, as long as it says', async () => {
    const budget = new Budget(10, 1);
    await budget.charge('key', 25);

    // The first second has 10 of them; 15 more take 1.5 s.
    expect(await refusalOf(budget)).toBe(3);
    jest.advanceTimersByTime(2000);
    expect(await refusalOf(budget)).toBe(1);
    jest.advanceTimersByTime(1000);
    expect(await refusalOf(budget)).toBe(0);
  });

  it('adds up what is charged while it refuses', async () => {
    const budget = new Budget(10, 1);
    await budget.charge('key', 20);
    await budget.charge('key', 10);

    expect(await refusalOf(budget)).toBe(3);
  });

  it('refuses nothing for what is charged within it', async () => {
    const budget = new Budget(10, 1);
    await budget.charge('key', 9);

    expect(await refusalOf(budget)).toBe(0);
    expect(await refusalOf(budget)).toBe(1);
  });

  it('takes back what was spent, in the same window', async () => {
    const budget = new Budget(2, 1);
    await budget.giveBack(await budget.spend('key', 2));

    expect(await refusalOf(budget, 2)).toBe(0);
  });

  it('takes nothing back after its window: the next one has no more points than any other', async () => {
    const budget = new Budget(2, 1);
    const spending = await budget.spend('key', 2);
    jest.advanceTimersByTime(1000);
    await budget.giveBack(spending);
    await budget.spend('key');
    await budget.giveBack(spending);

    expect(await refusalOf(budget)).toBe(0);
    expect(await refusalOf(budget)).toBe(1);
  });
});
