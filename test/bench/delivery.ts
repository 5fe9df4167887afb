import { runBenchmark } from './benchmark.js';
import { measureHotRecipient } from './hot-recipient.js';
import { type DeliveryReport, failuresOf, textOf } from './report.js';
import { measureUnreachable } from './unreachable-recipients.js';

const UNREACHABLE = { peers: 50, messagesEach: 5, samples: 40, everyMs: 50, rounds: 5 } as const;
/** Known at once, as in one process; and after a while, as over a network. */
const SILENCES_MS = [0, 400];
const HOT = { senders: 64, messagesEach: 4 } as const;

async function measure(signal: AbortSignal): Promise<DeliveryReport> {
  const unreachable = [];
  for (const silenceMs of SILENCES_MS)
    unreachable.push(await measureUnreachable({ ...UNREACHABLE, silenceMs }, signal));
  const hot = [];
  for (const ordering of ['relaxed', 'strict'] as const)
    hot.push(await measureHotRecipient(ordering, HOT, signal));
  return { unreachable, hot };
}

await runBenchmark({
  name: 'bench:delivery',
  about: 'Measures unreachable recipients and a hot recipient.',
  measure,
  textOf,
  failuresOf,
});
