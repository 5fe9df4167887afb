import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { Premises } from './premises.js';
import { actOfSending } from './property.js';
import { replayed } from './replay.js';

/** `npm run test:model` asks for more. */
const RUNS = Number(process.env['MUSUBI_MODEL_RUNS'] ?? 25);

let premises: Premises;

beforeAll(async () => {
  premises = await Premises.open();
});

afterAll(() => premises.close());

describe('the act of sending', () => {
  it(
    'keeps what it promises, whatever is done in whatever order',
    async () => {
      await fc.assert(actOfSending(premises), { numRuns: RUNS, ...replayed(process.env) });
    },
    180_000 + RUNS * 5_000,
  );
});
