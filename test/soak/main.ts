import { SeededRandom } from '@musubi/observers';
import { InvalidArgumentError } from 'commander';
import { script } from '../support/script.js';
import { failuresOf, soak } from './soak.js';

function numberUpTo(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : -1;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
  };
}

const { minutes, nodes, seed } = script(
  'soak',
  'Lets nodes talk while they are killed, stopped and cut off; then looks for what is lost or left over.',
)
  .option('--nodes <count>', 'how many', numberUpTo(2, 16), 8)
  .option('--minutes <minutes>', 'of churn', numberUpTo(0.1, 1440), 30)
  .option('--seed <number>', 'of the chances', numberUpTo(0, 9999), 1)
  .parse()
  .opts<{ readonly nodes: number; readonly minutes: number; readonly seed: number }>();

/** As a shell has it, for what Ctrl-C ended. */
const INTERRUPTED = 130;

const random = new SeededRandom(seed);
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interruption.abort();
  });
}
const report = await soak({
  signal: interruption.signal,
  nodes: Math.floor(nodes),
  churnMs: minutes * 60_000,
  warmUpMs: 20_000,
  longestAwayMs: 10_000,
  pauseMs: 500,
  random: () => random.float(),
  say: (line) => {
    console.error(`${(performance.now() / 1000).toFixed(0).padStart(5)} s  ${line}`);
  },
}).catch((error: unknown) => {
  if (!interruption.signal.aborted) throw error;
  process.exit(INTERRUPTED);
});
const { churned, held, unanswered, verdict } = report;
const failures = failuresOf(report);
console.log(
  [
    `${verdict.messages} messages, ${verdict.delivered} delivered; ${unanswered} requests found their node away`,
    `churn: ${Object.entries(churned)
      .map(([act, count]) => `${act} ${count}`)
      .join(', ')}`,
    'held before the churn, and after it:',
    ...held.map((line) => `  ${line}`),
    ...(failures.length === 0 ? ['All as it must be.'] : failures.map((failure) => `FAILED: ${failure}`)),
  ].join('\n'),
);
if (failures.length > 0) process.exitCode = 1;
