import { expect, it } from '@jest/globals';
import { childrenOf } from '../support/processes.js';
import { type Held, leaksOf } from './resources.js';
import { failuresOf, soak } from './soak.js';

const PLAN = { nodes: 2, churnMs: 15_000, warmUpMs: 3000, longestAwayMs: 1500, pauseMs: 100 };
const { signal } = new AbortController();
const HELD: Held = { sockets: 10, timers: 10, files: 40, heapBytes: 5e7 };

it('finds nothing lost and nothing left over when a node was killed, stopped, frozen and cut off', async () => {
  const report = await soak({ ...PLAN, random: () => Math.random(), signal, say: () => undefined });

  expect(failuresOf(report)).toEqual([]);
  expect(report.verdict.messages).toBeGreaterThan(0);
  expect(Math.min(...Object.values(report.churned))).toBeGreaterThanOrEqual(0);
  expect(report.churned['kill']).toBeGreaterThan(0);
});

it('leaves no process behind when it is interrupted while a node starts again', async () => {
  const before = await childrenOf(process.pid);
  const interruption = new AbortController();
  const say = (line: string): void => {
    if (!line.startsWith('churn begins')) return;
    // The first node is killed at once, and takes longer than this to start again.
    setTimeout(() => {
      interruption.abort();
    }, 300);
  };
  const plan = { ...PLAN, longestAwayMs: 1, random: () => 0.5, signal: interruption.signal, say };

  await expect(soak(plan)).rejects.toThrow('aborted');
  const after = await childrenOf(process.pid);
  expect(after.filter((pid) => !before.includes(pid))).toEqual([]);
});

it.each([
  ['sockets', 1000],
  ['timers', 1000],
  ['files', 1000],
  ['heapBytes', 1e9],
] as const)('finds %s that are left over', (kind, many) => {
  expect(leaksOf('node-1', HELD, HELD)).toEqual([]);
  expect(leaksOf('node-1', HELD, { ...HELD, [kind]: many })).toEqual([
    `node-1 holds ${many} ${kind}; before the churn it held ${HELD[kind]}`,
  ]);
});

it('fails where a message is lost or late', () => {
  const report = { unanswered: 0, churned: {}, held: [], leaks: [] };
  const verdict = { messages: 2, delivered: 1, faults: ['lost: message 1'] };

  expect(failuresOf({ ...report, verdict })).toEqual(['lost: message 1', '1 messages were not delivered']);
});
