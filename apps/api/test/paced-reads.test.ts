import { describe, expect, it } from '@jest/globals';
import { parseAgentPubKey } from '@musubi/messaging';
import { type WorkBudget } from '../src/access/work-budget.js';
import { WorkPlaces } from '../src/access/work-places.js';
import { TryLaterError } from '../src/problem/api-error.js';
import { type EventPage } from '../src/signals/agent-events.js';
import { PacedReads } from '../src/signals/paced-reads.js';

const payer = { agent: parseAgentPubKey(`${'b'.repeat(42)}A`), network: '192.0.2.1' };
const page: EventPage = { events: [{ data: 'x'.repeat(40_000) }], next: 'next', isLast: true };

/** What streams wait for, how long they slept, and what they were charged. */
function paced(refusals: number): {
  readonly reads: PacedReads;
  readonly slept: number[];
  readonly charged: number[];
} {
  const slept: number[] = [];
  const charged: number[] = [];
  const clock = {
    sleep: (ms: number) => {
      slept.push(ms);
      return Promise.resolve();
    },
  };
  const work = {
    begin: () =>
      slept.length < refusals
        ? Promise.reject(new TryLaterError('rate-limited', 'later', 3))
        : Promise.resolve(),
    charge: (_: unknown, points: number) => {
      charged.push(points);
      return Promise.resolve();
    },
  };
  const reads = new PacedReads({ clock }, work as unknown as WorkBudget, new WorkPlaces({ clock }));
  return { reads, slept, charged };
}

describe('what a stream reads', () => {
  it('waits until earlier pages are paid for', async () => {
    const { reads, slept } = paced(2);

    await reads.paid(payer, new AbortController().signal);

    expect(slept).toEqual([3000, 3000]);
  });

  it('waits no more once the stream has ended', async () => {
    const { reads, slept } = paced(Infinity);

    await reads.paid(payer, AbortSignal.abort());

    expect(slept).toEqual([]);
  });

  it('is charged by its bytes', async () => {
    const { reads, charged } = paced(0);

    expect(await reads.inTurn(payer, () => Promise.resolve(page))).toBe(page);
    expect(charged).toEqual([4]);
  });

  it('is not refused for want of a place', async () => {
    const { reads, slept } = paced(0);
    let refusals = 2;
    const read = (): Promise<EventPage> => {
      refusals -= 1;
      return refusals < 0
        ? Promise.resolve(page)
        : Promise.reject(new TryLaterError('unavailable', 'later', 2));
    };

    expect(await reads.inTurn(payer, read)).toBe(page);
    expect(slept).toEqual([2000, 2000]);
  });

  it('fails as the reading fails', async () => {
    const { reads } = paced(0);

    await expect(reads.inTurn(payer, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});
