import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { Premises } from './premises.js';
import { actOfSending } from './property.js';

/** `npm run test:model` asks for more. */
const RUNS = Number(process.env['MUSUBI_MODEL_RUNS'] ?? 50);

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
    60_000 + RUNS * 5_000,
  );
});

/** A failure prints the seed and the path with which its run comes again, and is shrunk again. */
function replayed({
  MUSUBI_MODEL_SEED: seed,
  MUSUBI_MODEL_PATH: path,
}: NodeJS.ProcessEnv): fc.Parameters<unknown> {
  if (seed === undefined) return {};
  const [run] = path?.split(':') ?? [];
  return { seed: Number(seed), ...(run !== undefined && { path: run, numRuns: 1 }) };
}
