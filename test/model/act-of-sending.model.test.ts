import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { Premises } from './premises.js';
import { actOfSending } from './property.js';

/** `npm run test:model` asks for more. A failure prints the seed and the path with which it comes again. */
const RUNS = Number(process.env['MUSUBI_MODEL_RUNS'] ?? 200);
const SEED = process.env['MUSUBI_MODEL_SEED'];
const PATH = process.env['MUSUBI_MODEL_PATH'];

let premises: Premises;

beforeAll(async () => {
  premises = await Premises.open();
});

afterAll(() => premises.close());

describe('the act of sending', () => {
  it(
    'keeps what it promises, whatever is done in whatever order',
    async () => {
      await fc.assert(actOfSending(premises), {
        numRuns: RUNS,
        ...(SEED !== undefined && { seed: Number(SEED) }),
        ...(PATH !== undefined && { path: PATH }),
      });
    },
    60_000 + RUNS * 5_000,
  );
});
