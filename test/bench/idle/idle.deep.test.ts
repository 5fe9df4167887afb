import { describe, expect, it } from '@jest/globals';
import { measureFirstContacts } from './first-contact.js';
import { measureIdle } from './idle-service.js';
import { type QuietReport, failuresOf, textOf } from './report.js';
import { measureYearAway } from './year-away.js';

const { signal } = new AbortController();

describe('the benchmark of what is idle', () => {
  it('counts what a service does with agents who do nothing', async () => {
    // An idle service asks for due steps every 5 s and for new letters every 15 s.
    const settings = { agents: 20, pairs: 30, seconds: 20, starts: 2 };

    const report = await measureIdle(settings, signal);

    expect(report.settings).toEqual(settings);
    expect(report.transactionsPerSecond).toBeGreaterThan(0);
    expect(report.startSeconds.populated).toBeGreaterThan(0);
    expect(report.startSeconds.empty).toBeGreaterThan(0);
  });

  it('times first contacts and a return', async () => {
    const contact = await measureFirstContacts({ contacts: [2, 30], strangers: 2 }, signal);
    const year = await measureYearAway({ contacts: 3, days: 40, letters: 4 }, signal);

    expect(contact.ratio).toBeCloseTo(contact.ms[1] / contact.ms[0]);
    expect(year.allMs).toBeGreaterThanOrEqual(year.firstMs);
  });

  it('says what is out of bounds', () => {
    const report: QuietReport = {
      idle: {
        settings: { agents: 2000, pairs: 5000, seconds: 60, starts: 1 },
        transactionsPerSecond: 20.1,
        processorShare: 0.01,
        startSeconds: { empty: 1, populated: 3.1 },
      },
      contact: { settings: { contacts: [10, 3000], strangers: 1 }, ms: [20, 40], ratio: 2 },
      year: { settings: { contacts: 100, days: 365, letters: 20 }, firstMs: 200, allMs: 3000 },
    };

    expect(failuresOf(report)).toEqual([
      'transactions: 20.10 a second, at most 20',
      'start: 2.10 s more than 1.00 s, at most 2',
    ]);
    expect(textOf(report)).toContain('FAILED: transactions');
  });
});
