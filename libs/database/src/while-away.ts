import { isDatabaseAway } from './database-away.js';
import { violatedConstraint } from './sql-state.js';

/** How long a step is asked again for, in milliseconds: a connection that broke is replaced at once. */
const PATIENCE_MS = 1500;
const PAUSE_MS = 50;

/**
 * Does a step that repeats harmlessly, and does it again while the database is away, for a short while: whether a COMMIT
 * was carried out on a connection that broke is not known before.
 * @throws what the step threw at first; what `unknown` makes of it once the step may have been committed
 */
export async function whileAway<Result>(
  clock: { sleep(ms: number): Promise<void> },
  step: () => Promise<Result>,
  unknown: (cause: unknown) => Error,
): Promise<Result> {
  const end = performance.now() + PATIENCE_MS;
  let lost: unknown;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (isDatabaseAway(error)) lost = error;
      // A constraint tells what is there; any other refusal tells nothing of the time before.
      else if (lost === undefined || violatedConstraint(error) !== undefined) throw error;
      if (!isDatabaseAway(error) || performance.now() > end) throw unknown(lost);
    }
    await clock.sleep(PAUSE_MS);
  }
}
