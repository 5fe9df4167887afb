import { describe, expect, it, test } from '@jest/globals';
import { SeededRandom } from '@musubi/observers';
import { controlsOf } from '../../src/figures/controls.js';
import { truthOf } from '../../src/figures/exposure.js';
import { GENERATORS } from '../../src/workloads/generators.js';

function controlsFor(seed: number, agents = 24): ReturnType<typeof controlsOf> {
  const workload = GENERATORS['small-world']({ agents, messages: 10 * agents }, new SeededRandom(seed));
  return controlsOf(truthOf(workload), seed);
}

describe('the controls', () => {
  it.each([1, 2, 3, 4])('guess for nothing, and see all, with seed %d', (seed) => {
    const { uniform, leaky } = controlsFor(seed);
    expect(Math.abs(uniform.auc - 0.5)).toBeLessThanOrEqual(0.01);
    expect(uniform.aucInterval[0]).toBeLessThan(0.45);
    expect(uniform.aucInterval[1]).toBeGreaterThan(0.55);
    expect(Math.abs(uniform.averagePrecision - uniform.baseRate)).toBeLessThan(0.05);
    expect(leaky.auc).toBe(1);
  });

  test('guess as well with many agents', () => {
    expect(Math.abs(controlsFor(5, 150).uniform.auc - 0.5)).toBeLessThanOrEqual(0.01);
  });

  test('know by volumes who is busy, and no more', () => {
    const { volume } = controlsFor(1);
    expect(volume.auc).toBeGreaterThan(0.6);
    expect(volume.auc).toBeLessThan(0.95);
  });

  test('are the same for one seed', () => {
    expect(controlsFor(7)).toEqual(controlsFor(7));
  });
});
