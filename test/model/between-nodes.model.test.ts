import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { membershipDatabase } from '@musubi/membership';
import fc from 'fast-check';
import { MOST_NODES } from './nodes/arbitraries.js';
import { sendingBetweenNodes } from './nodes/property.js';
import { Premises } from './premises.js';
import { replayed } from './replay.js';

/** `npm run test:deep nodes` asks for more. */
const RUNS = Number(process.env['MUSUBI_MODEL_RUNS'] ?? 8);

let premises: readonly Premises[];

beforeAll(async () => {
  premises = await Promise.all(Array.from({ length: MOST_NODES }, () => Premises.open(membershipDatabase)));
});

afterAll(() => Promise.all(premises.map((each) => each.close())));

describe('the act of sending between nodes', () => {
  it(
    'keeps what it promises, whatever befalls links and processes',
    async () => {
      await fc.assert(sendingBetweenNodes(premises), { numRuns: RUNS, ...replayed(process.env) });
    },
    180_000 + RUNS * 10_000,
  );
});
