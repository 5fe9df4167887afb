import { parseArgs } from 'node:util';
import { startDurablePostgres } from '../../support/start-postgres.js';
import stopPostgres from '../../support/stop-postgres.js';
import { measureFairness } from './fairness.js';
import { failuresOf, textOf } from './report.js';

const SETTINGS = { sends: 100, rounds: 3, crowd: 10, readers: 16 } as const;
/** As a shell has it, for what Ctrl-C ended. */
const INTERRUPTED = 130;

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const interruption = new AbortController();
process.once('SIGINT', () => {
  interruption.abort();
});
await startDurablePostgres();
try {
  const phases = await measureFairness(SETTINGS, interruption.signal);
  console.log(values.json ? JSON.stringify(phases, null, 2) : textOf(phases));
  if (failuresOf(phases).length > 0) process.exitCode = 1;
} catch (error) {
  if (!interruption.signal.aborted) throw error;
  process.exitCode = INTERRUPTED;
} finally {
  await stopPostgres();
}
