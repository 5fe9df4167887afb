import { describe, expect, it } from '@jest/globals';
import { snapshotsDue } from '../../src/figures/snapshots.js';
import { type Send, workloadOf } from '../../src/workloads/workload.js';

const sendAt = (at: number): Send => ({ kind: 'send', at, from: 0, to: 1 });

describe('snapshots', () => {
  it('are taken before the first event of each quarter of the time, not of the messages', () => {
    const workload = workloadOf('uneven', 3, [0, 1, 2, 3, 40, 60, 100].map(sendAt));
    expect([...snapshotsDue(workload)]).toEqual([4, 5, 6]);
  });

  it('are as many as there are quarters in which something happens', () => {
    expect([...snapshotsDue(workloadOf('late', 3, [0, 100].map(sendAt)))]).toEqual([1]);
  });
});
