import { parseArgs } from 'node:util';
import { startDurablePostgres } from '../support/start-postgres.js';
import stopPostgres from '../support/stop-postgres.js';
import { measureHotRecipient } from './hot-recipient.js';
import { type DeliveryReport, failuresOf, textOf } from './report.js';
import { measureUnreachable } from './unreachable-recipients.js';

const UNREACHABLE = { peers: 50, messagesEach: 5, samples: 40, everyMs: 50, rounds: 5 } as const;
/** Known at once, as in one process; and after a while, as over a network. */
const SILENCES_MS = [0, 400];
const HOT = { senders: 64, messagesEach: 4 } as const;
/** As a shell has it, for what Ctrl-C ended. */
const INTERRUPTED = 130;

async function measure(signal: AbortSignal): Promise<DeliveryReport> {
  const unreachable = [];
  for (const silenceMs of SILENCES_MS)
    unreachable.push(await measureUnreachable({ ...UNREACHABLE, silenceMs }, signal));
  const hot = [];
  for (const ordering of ['relaxed', 'strict'] as const)
    hot.push(await measureHotRecipient(ordering, HOT, signal));
  return { unreachable, hot };
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
