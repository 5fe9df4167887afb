import { describe, expect, it } from '@jest/globals';
import { type Phase, measureFairness } from './fairness.js';
import { failuresOf, textOf } from './report.js';

const phase = (attackers: number, p99Ms: number): Phase => ({
  ...{ attack: attackers === 0 ? 'none' : 'pages of 1 MiB', attackers, medianMs: 1, p99Ms },
  answered: attackers === 0 ? null : { seconds: 2, bytes: 2_097_152, statuses: { 200: 2, 429: 4 } },
});

describe('the benchmark of fairness', () => {
  it('attacks with pages and batches, and the attackers are answered', async () => {
    const settings = { sends: 4, rounds: 1, crowd: 2, readers: 4 };

    const phases = await measureFairness(settings, new AbortController().signal);

    expect(phases.map(({ attackers }) => attackers)).toEqual([0, 1, 2, 1, 2, 1, 2]);
    for (const { attack, answered, medianMs, p99Ms } of phases) {
      expect(p99Ms).toBeGreaterThanOrEqual(medianMs);
      const statuses = Object.keys(answered?.statuses ?? {});
      expect(['200', '404', '429', '503']).toEqual(expect.arrayContaining(statuses));
      expect(statuses.length > 0).toBe(attack !== 'none');
    }
  });

  it('says beside which attackers the victim waits too long', () => {
    const phases = [phase(0, 10), phase(1, 31), phase(10, 100)];

    expect(failuresOf(phases)).toEqual(['pages of 1 MiB, 1: 3.1 times, at most 3']);
    expect(textOf(phases)).toContain('a second: 1.0 MiB, 1.0 × 200, 2.0 × 429');
    expect(textOf(phases)).toContain('FAILED: pages of 1 MiB, 1');
  });
});
