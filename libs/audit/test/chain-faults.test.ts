import { describe, expect, it } from '@jest/globals';
import { type ChainActionView, chainFaults } from '@musubi/audit';

const ACTIONS: readonly ChainActionView[] = ['a', 'b', 'c', 'd'].map((hash, seq, hashes) => ({
  seq,
  hash,
  prev: hashes[seq - 1] ?? null,
  isValid: true,
}));

function faultsAfter(change: (actions: ChainActionView[]) => void): readonly string[] {
  const actions = [...ACTIONS];
  change(actions);
  return chainFaults({ author: 'alice', actions });
}

/** The same action with something else in it. */
function changed(seq: number, change: Partial<ChainActionView>): readonly string[] {
  return faultsAfter((actions) => {
    const [action] = actions.splice(seq, 1);
    if (action !== undefined) actions.splice(seq, 0, { ...action, ...change });
  });
}

describe('chain faults', () => {
  it('are none in a linear, signed chain, and none in an empty one', () => {
    expect(faultsAfter(() => undefined)).toEqual([]);
    expect(chainFaults({ author: 'alice', actions: [] })).toEqual([]);
  });

  it('name a gap once, however long it is', () => {
    expect(faultsAfter((actions) => actions.splice(1, 2))).toEqual(['chain alice is broken or forked at 3']);
  });

  it('name a missing first action', () => {
    expect(faultsAfter((actions) => actions.shift())).toEqual(['chain alice is broken or forked at 1']);
  });

  it('name a fork: two actions at one place', () => {
    const fork = { seq: 3, hash: 'e', prev: 'c', isValid: true };

    expect(faultsAfter((actions) => actions.push(fork))).toEqual(['chain alice is broken or forked at 3']);
  });

  it('name an action that continues another than the one before it', () => {
    expect(changed(2, { prev: 'a' })).toEqual(['chain alice is broken or forked at 2']);
  });

  it('name an action whose signature or hash is not right', () => {
    expect(changed(2, { isValid: false })).toEqual(['chain alice has a forged action at 2']);
  });
});
