import { describe, expect, it } from '@jest/globals';
import { type AtCommit, type CommitFault, type CommitFaultRule, FaultyCommitHooks } from '@musubi/cell';
import { type Sql } from '@musubi/database';
import { parseAgentPubKey } from '@musubi/messaging';
import { FaultPlan } from '@musubi/network';

const ALICE = parseAgentPubKey('A'.repeat(43));
const BOB = parseAgentPubKey('E'.repeat(43));

/** A transaction that notes how it ended, under one fault. */
async function commitUnder(
  rule: CommitFaultRule,
): Promise<{ ended: string; kept: boolean; crashes: number }> {
  const plan = new FaultPlan<CommitFaultRule>(() => 0);
  plan.set([rule]);
  let [kept, crashes] = [false, 0];
  const commits = new FaultyCommitHooks(plan, () => {
    crashes += 1;
    return Promise.reject(new Error('crashed'));
  });
  // Faults reject before they look at the transaction.
  const tx: Sql = { query: () => Promise.reject(new Error('there is no database')) };
  const transaction = async (atCommit?: AtCommit): Promise<string> => {
    await atCommit?.(tx);
    kept = true;
    return 'done';
  };
  const ended = await commits
    .run({ step: 'save', agent: ALICE }, transaction)
    .catch((error: unknown) => (error instanceof Error ? error.name : ''));
  return { ended, kept, crashes };
}

describe('commits with faults', () => {
  const cases: readonly [CommitFault['kind'], Awaited<ReturnType<typeof commitUnder>>][] = [
    ['commit-fails', { ended: 'CommitFailedError', kept: false, crashes: 0 }],
    ['head-moved', { ended: 'HeadMovedError', kept: false, crashes: 0 }],
    ['answer-lost', { ended: 'Error', kept: true, crashes: 0 }],
    ['crash-before', { ended: 'Error', kept: false, crashes: 1 }],
    ['crash-after', { ended: 'Error', kept: true, crashes: 1 }],
  ];
  it.each(cases)('%s', async (kind, expected) => {
    expect(await commitUnder({ fault: { kind } })).toEqual(expected);
  });

  it.each([{ step: 'accept' as const }, { agent: BOB }])('spares what %j does not name', async (named) => {
    expect(await commitUnder({ fault: { kind: 'commit-fails' }, ...named })).toEqual({
      ended: 'done',
      kept: true,
      crashes: 0,
    });
  });
});
