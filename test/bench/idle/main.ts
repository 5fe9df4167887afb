import { parseArgs } from 'node:util';
import { startDurablePostgres } from '../../support/start-postgres.js';
import stopPostgres from '../../support/stop-postgres.js';
import { measureFirstContacts } from './first-contact.js';
import { measureIdle } from './idle-service.js';
import { type QuietReport, failuresOf, textOf } from './report.js';
import { measureYearAway } from './year-away.js';

const IDLE = { agents: 2000, pairs: 5000, seconds: 60, starts: 4 } as const;
const CONTACTS = { contacts: [10, 3000], strangers: 20 } as const;
const YEAR = { contacts: 100, days: 365, letters: 20 } as const;
/** As a shell has it, for what Ctrl-C ended. */
const INTERRUPTED = 130;

async function measure(signal: AbortSignal): Promise<QuietReport> {
  return {
    idle: await measureIdle(IDLE, signal),
    contact: await measureFirstContacts(CONTACTS, signal),
    year: await measureYearAway(YEAR, signal),
  };
}

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const interruption = new AbortController();
process.once('SIGINT', () => {
  interruption.abort();
});
await startDurablePostgres();
try {
  const report = await measure(interruption.signal);
  console.log(values.json ? JSON.stringify(report, null, 2) : textOf(report));
  if (failuresOf(report).length > 0) process.exitCode = 1;
} catch (error) {
  if (!interruption.signal.aborted) throw error;
  process.exitCode = INTERRUPTED;
} finally {
  await stopPostgres();
}
