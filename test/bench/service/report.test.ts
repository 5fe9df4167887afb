import { describe, expect, it } from '@jest/globals';
import { pageOf } from './docs.js';
import { type BenchReport, type LoadFigures } from './report.js';
import { markdownOf, tablesOf, textOf } from './tables.js';
import { targetsOf } from './targets.js';

const MIB = 2 ** 20;
const RATE = { acts: 100, perSecond: 60, p50Ms: 10, p95Ms: 20, p99Ms: 50 };
const PER_ACT = { apiCpuMs: 1, postgresCpuMs: null, loadCpuMs: 1, walBytes: 1, statements: 9 };
const load = (concurrency: number, perSecond: number): LoadFigures => ({
  ...RATE,
  concurrency,
  perSecond,
  perAct: PER_ACT,
  busyShare: 1,
});
const MEMORY = { rss: 150 * MIB, heapUsed: 40 * MIB };

const REPORT: BenchReport = {
  at: '2026-11-24T00:00:00.000Z',
  machine: { cores: 2 },
  durability: { fsync: 'on' },
  startMs: { first: 2000, again: 900 },
  placements: [
    {
      placement: 'source-chain',
      act: { writingTransactions: 3, rows: 19, bytes: 13_000, transactions: 12.5 },
      loads: [load(8, 40), load(32, 60)],
      hotRecipient: load(32, 29),
      burst: load(32, 50),
      floor: {
        same: [{ ...RATE, concurrency: 32, perSecond: 100, walBytes: 1 }],
        atOnce: { ...RATE, concurrency: 32, perSecond: 240, walBytes: 1 },
        batched: { ...RATE, concurrency: 4, walBytes: 1 },
      },
      shareOfFloor: 0.61,
      crypto: { calls: { sign: 6 }, wasmMs: 0.7, nativeMs: null },
      profile: null,
    },
  ],
  hotChain: { ...RATE, concurrency: 128, perSecond: 5000 },
  pages: [
    { messages: 10_000, latestMs: 5, nextMs: 5 },
    { messages: 1_000_000, latestMs: 10.1, nextMs: 5 },
  ],
  memory: {
    acts: 1000,
    idle: MEMORY,
    warm: MEMORY,
    underLoad: MEMORY,
    after: { rss: 181 * MIB, heapUsed: 48 * MIB },
  },
  losses: [{ placement: 'source-chain', sent: 1000, lost: 0, surplus: 1, unsigned: 0 }],
};

describe('targets', () => {
  it('are met up to the figure that was aimed at, and not beyond', () => {
    const met = Object.fromEntries(targetsOf(REPORT).map(({ name, isMet }) => [name, isMet]));

    expect(met).toEqual({
      'source-chain: acts/s at 32, of the same writes bare': true,
      'source-chain: acts/s at 32': false,
      'source-chain: p99 at 8, of p50': true,
      'source-chain: hot recipient, of as many pairs': false,
      'source-chain: messages lost of 1,000': false,
      'appends/s on one hot chain': true,
      'page of 1,000,000 messages, of 10,000': false,
      'memory at rest': true,
      'heap after 1,000 acts, of before': true,
      'memory after 1,000 acts, of before': false,
      'memory after 1,000 acts, of at rest': false,
    });
  });

  it('that a run did not measure are left out', () => {
    const names = targetsOf({ ...REPORT, placements: [], pages: [] }).map(({ name }) => name);

    expect(names.filter((name) => /page|at 32|at 8/.test(name))).toEqual([]);
  });
});

describe('a report', () => {
  it('is shown with every figure in its column', () => {
    const text = tablesOf(REPORT).map(textOf).join('\n');

    expect(text).toMatch(/^ {2}32 to one +29 +10\.00 +20\.00 +50\.00 +1\.00 +– +1\.00 +1 +9\.0 +100 %$/m);
    expect(text).toMatch(/^ {2}32, a statement each +240 +10\.00 +50\.00 +1 +25 %$/m);
    expect(text).toMatch(/^ {2}32 +100 +10\.00 +50\.00 +1 +60 %$/m);
    expect(tablesOf(REPORT).every(({ head, rows }) => rows.every((row) => row.length === head.length))).toBe(
      true,
    );
  });

  it('is a page that names the machine and the time', () => {
    const page = pageOf(REPORT);

    expect(page).toContain('\n\ncores 2, fsync on, at 2026-11-24T00:00:00.000Z\n\n');
    expect(page).toContain(
      markdownOf({ title: 'Targets', head: ['target', 'aim', 'measured', ''], rows: [] }).split('\n')[2],
    );
  });
});
