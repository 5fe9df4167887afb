import { expect, it } from '@jest/globals';
import { callWithCut, faultOf } from './support/cut-calls.js';

const CALLS = 10_000;
/** `npm test` has the first ones. */
const FIRST_SEED = 1001;

it(`ends each of ${CALLS} calls rightly that are cut at random bytes`, async () => {
  const faults = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CALLS; seed += 1) {
    const call = await callWithCut(seed);
    const fault = faultOf(call);
    if (fault !== null) faults.push({ fault, call });
  }
  expect(faults).toEqual([]);
});
