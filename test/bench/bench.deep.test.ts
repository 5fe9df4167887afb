import { describe, expect, it } from '@jest/globals';
import { measureHotRecipient } from './hot-recipient.js';
import { measureLinks } from './links/measure.js';
import { failuresOf, textOf } from './report.js';
import { measureUnreachable } from './unreachable-recipients.js';

const { signal } = new AbortController();
const FEW = { peers: 3, messagesEach: 2, silenceMs: 20, samples: 4, everyMs: 20, rounds: 2 };

describe('the benchmark of unreachable recipients', () => {
  it('times each message of each round, and tries the unreachable in between', async () => {
    const report = await measureUnreachable(FEW, signal);

    expect(report).toMatchObject({ settings: FEW, delivered: 2 * 2 * 4 });
    expect(report.attemptsInVain).toBeGreaterThan(0);
    expect(report.alone.p95Ms).toBeGreaterThanOrEqual(report.alone.p50Ms);
    expect(report.ratio).toBeCloseTo(report.beside.p95Ms / report.alone.p95Ms);
    expect(textOf({ unreachable: [report], hot: [] })).toContain('3 unreachable recipients');
    expect(failuresOf({ unreachable: [{ ...report, ratio: 2 }], hot: [] })).toEqual([]);
    expect(failuresOf({ unreachable: [{ ...report, ratio: 2.1 }], hot: [] })).toHaveLength(1);
  });

  it('stops when it is interrupted', async () => {
    await expect(measureUnreachable(FEW, AbortSignal.abort())).rejects.toThrow('aborted');
  });
});

describe('the benchmark of a hot recipient', () => {
  it.each(['relaxed', 'strict'] as const)(
    'delivers everything on one chain, with %s ordering',
    async (ordering) => {
      const report = await measureHotRecipient(ordering, { senders: 4, messagesEach: 2 }, signal);

      const { recipients, own } = report.headMovedPerMessage;
      expect(report).toMatchObject({ ordering, messages: 8, delivered: 8, isOneChain: true });
      // Every attempt that the recipient refused was made again.
      expect(report.attemptsPerMessage).toBeCloseTo(1 + recipients);
      expect(ordering === 'relaxed' ? recipients + own : 0).toBe(0);
      expect(textOf({ unreachable: [], hot: [report] })).toContain(`${ordering} ordering`);
      expect(failuresOf({ unreachable: [], hot: [report] })).toEqual([]);
      expect(
        failuresOf({ unreachable: [], hot: [{ ...report, delivered: 7, isOneChain: false }] }),
      ).toHaveLength(2);
    },
  );
});

it('counts the calls between two nodes, and what they cost', async () => {
  const plans = [
    { calls: 50, inFlight: 1, payloadBytes: 1024 },
    { calls: 100, inFlight: 32, payloadBytes: 1024 },
    { calls: 50, inFlight: 8, payloadBytes: 1024, roundTripMs: 20 },
  ];

  const figures = await measureLinks(plans);

  expect(figures.map(({ calls, inFlight }) => [calls, inFlight])).toEqual([
    [50, 1],
    [100, 32],
    [50, 8],
  ]);
  // A timer may end a millisecond early.
  expect(figures[2]?.medianMs).toBeGreaterThanOrEqual(18);
  for (const { calleeMicros, callerMicros, callsPerSecond } of figures)
    expect(Math.min(calleeMicros, callerMicros, callsPerSecond)).toBeGreaterThan(0);
});
