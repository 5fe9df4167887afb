import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type PlantedDefect } from './planted-defects.js';
import { Premises } from './premises.js';
import { actOfSending } from './property.js';

/** What a search for a defect in the sound product may take; each planted one must be found sooner. */
const MOST_RUNS = 200;

export function describePlanted(defects: readonly PlantedDefect[]): void {
  let premises: Premises;

  beforeAll(async () => {
    premises = await Premises.open();
  });

  afterAll(() => premises.close());

  describe('the model of the act of sending', () => {
    it.each(defects)(
      'finds %s',
      async (_, complaint, planted) => {
        const found = await fc.check(actOfSending(premises, planted), {
          numRuns: MOST_RUNS,
          endOnFailure: true,
          seed: 1,
        });

        expect(found.failed).toBe(true);
        expect(String(found.errorInstance)).toMatch(complaint);
      },
      MOST_RUNS * 5_000,
    );
  });
}
