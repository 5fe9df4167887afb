import { describe, expect, it } from '@jest/globals';
import { type MachineWatch } from '../../src/machine/machine-watch.js';
import { ROUNDS, quietRounds } from '../../src/machine/quiet-rounds.js';

/** A machine beside which others use these shares, round by round; nothing once they are used up. */
function machineBeside(shares: readonly (number | null)[]): Pick<MachineWatch, 'during'> {
  const left = [...shares];
  return {
    during: async (work) => {
      const result = await work();
      const share = left.shift();
      return {
        result,
        disturbance: {
          seconds: 1,
          foreignCpuShare: share === undefined ? 0 : share,
          stolenCpuShare: 0,
          runDelayShare: 0,
          longestStallMs: 10,
          longestPauseMs: 1,
        },
      };
    },
  };
}

async function measured(shares: readonly (number | null)[]) {
  let round = 0;
  return quietRounds(machineBeside(shares), () => Promise.resolve((round += 1)));
}

describe('rounds of a measurement', () => {
  it('are as many as an interval needs', async () => {
    const { rounds, validity } = await measured([]);

    expect(rounds).toEqual([1, 2, 3, 4, 5, 6]);
    expect(validity).toMatchObject({ notValid: null, repeatedRounds: 0, disturbance: { seconds: ROUNDS } });
  });

  it('are repeated that were measured beside others, and do not count', async () => {
    const { rounds, validity } = await measured([0.9, 0, 0.06, 0.05]);

    expect(rounds).toEqual([2, 4, 5, 6, 7, 8]);
    expect(validity).toMatchObject({ notValid: null, repeatedRounds: 2 });
    expect(validity.disturbance.foreignCpuShare).toBeCloseTo(0.05 / 6, 6);
  });

  it('do not count at all, and say why, where others go on', async () => {
    const { rounds, validity } = await measured([0, 0.5, 0.5, 0.5, 0.47]);

    expect(rounds).toEqual([2, 3, 4, 5]);
    expect(validity.notValid).toBe('others used 47 % of the CPU time, more than 5 %');
  });

  it('count where nothing is known of others, which is said', async () => {
    const { validity } = await measured([null]);

    expect(validity).toMatchObject({ notValid: null, disturbance: { foreignCpuShare: null } });
  });
});
