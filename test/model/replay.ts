import type fc from 'fast-check';

/** A failure prints the seed and the path with which its run comes again, and is shrunk again. */
export function replayed({
  MUSUBI_MODEL_SEED: seed,
  MUSUBI_MODEL_PATH: path,
}: NodeJS.ProcessEnv): fc.Parameters<unknown> {
  if (seed === undefined) return {};
  const [run] = path?.split(':') ?? [];
  return { seed: Number(seed), ...(run !== undefined && { path: run, numRuns: 1 }) };
}
