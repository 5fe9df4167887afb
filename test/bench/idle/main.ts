import { runBenchmark } from '../benchmark.js';
import { measureFirstContacts } from './first-contact.js';
import { measureIdle } from './idle-service.js';
import { type QuietReport, failuresOf, textOf } from './report.js';
import { measureYearAway } from './year-away.js';

const IDLE = { agents: 2000, pairs: 5000, seconds: 60, starts: 4 } as const;
const CONTACTS = { contacts: [10, 3000], strangers: 20 } as const;
const YEAR = { contacts: 100, days: 365, letters: 20 } as const;

async function measure(signal: AbortSignal): Promise<QuietReport> {
  return {
    idle: await measureIdle(IDLE, signal),
    contact: await measureFirstContacts(CONTACTS, signal),
    year: await measureYearAway(YEAR, signal),
  };
}

await runBenchmark({
  name: 'bench:idle',
  about: 'Measures idle agents, first contacts and the return after a year.',
  measure,
  textOf,
  failuresOf,
});
