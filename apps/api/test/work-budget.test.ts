import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseAgentPubKey } from '@musubi/messaging';
import { type Payer, WorkBudget } from '../src/access/work-budget.js';
import { type TryLaterError } from '../src/problem/api-error.js';

const payer = (letter: string, network: number): Payer => ({
  agent: parseAgentPubKey(`${letter.repeat(42)}A`),
  network: `192.0.2.${network}`,
});

const secondsOf = (work: WorkBudget, by: Payer): Promise<number> =>
  work.begin(by).then(
    () => 0,
    (error: unknown) => (error as TryLaterError).retryAfter,
  );

// No second passes within a test.
beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe('the budget for work', () => {
  it('is each agent’s own', async () => {
    const work = new WorkBudget({ rateLimitPerSecond: 100_000 });
    await work.charge(payer('a', 1), 100_000);

    expect(await secondsOf(work, payer('a', 1))).toBe(1);
    expect(await secondsOf(work, payer('b', 1))).toBe(0);
  });

  it('is four times as much for a network: more agents there get no more', async () => {
    const work = new WorkBudget({ rateLimitPerSecond: 100_000 });
    for (const letter of ['a', 'b', 'c', 'd']) await work.charge(payer(letter, 1), 100_000);

    expect(await secondsOf(work, payer('e', 1))).toBe(1);
    expect(await secondsOf(work, payer('e', 2))).toBe(0);
  });

  it('makes nobody wait longer than a second for one piece of work, however few points there are', async () => {
    const work = new WorkBudget({ rateLimitPerSecond: 5 });
    await work.begin(payer('a', 1));
    await work.charge(payer('a', 1), 200);

    expect(await secondsOf(work, payer('a', 1))).toBeLessThanOrEqual(2);
  });
});
