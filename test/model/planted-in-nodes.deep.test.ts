import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { membershipDatabase } from '@musubi/membership';
import fc from 'fast-check';
import { MOST_NODES } from './nodes/arbitraries.js';
import { PLANTED_IN_NODES } from './nodes/planted-in-nodes.js';
import { sendingBetweenNodes } from './nodes/property.js';
import { Premises } from './premises.js';

/** What a search in the sound product may take; each defect must be found sooner. */
const MOST_RUNS = 150;

let premises: readonly Premises[];

beforeAll(async () => {
  const opened = Array.from({ length: MOST_NODES }, () => Premises.open(membershipDatabase));
  premises = await Promise.all(opened);
});

afterAll(() => Promise.all(premises.map((each) => each.close())));

describe('the model of the act of sending between nodes', () => {
  it.each(PLANTED_IN_NODES)(
    'finds %s',
    async (_, complaint, planted) => {
      const settings = { numRuns: MOST_RUNS, endOnFailure: true, seed: 1 };
      const found = await fc.check(sendingBetweenNodes(premises, planted), settings);

      expect(found.failed).toBe(true);
      expect(String(found.errorInstance)).toMatch(complaint);
    },
    MOST_RUNS * 10_000,
  );
});
