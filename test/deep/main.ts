import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { script } from '../support/script.js';
import { slowness } from '../support/slowness.js';
import { Budget } from './budget.js';
import { type DeepPart, PARTS, UnknownPartError, partsNamed } from './parts.js';

const COUNTS = /^(\d+) passed, (\d+) failed$/gm;

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Runs `npm test` for a part, shows what it says, and reads its last line. */
async function run({ name, arguments: words, environment }: DeepPart): Promise<Counts> {
  console.log(`\n== ${name}`);
  const child = spawn('npm', ['test', '--silent', '--', ...words], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    said += String(chunk);
  });
  await once(child, 'close');
  const [, passed = '0', failed = '0'] = [...said.matchAll(COUNTS)].at(-1) ?? [];
  const isBroken = child.exitCode !== 0 && failed === '0';
  return { passed: Number(passed), failed: isBroken ? 1 : Number(failed) };
}

/** @returns what was counted in all; a part that does not fit is named and left out */
async function runAll(parts: readonly DeepPart[], budget: Budget): Promise<Counts> {
  let total: Counts = { passed: 0, failed: 0 };
  for (const part of parts) {
    if (!budget.fits(part)) {
      console.log(`\n== ${part.name}: left out, as it would take too long`);
      continue;
    }
    const begun = performance.now();
    const { passed, failed } = await run(part);
    budget.note(part, performance.now() - begun);
    total = { passed: total.passed + passed, failed: total.failed + failed };
  }
  return total;
}

/** As a shell has it, for a command that was not understood. */
const MISUNDERSTOOD = 2;

const command = script('test:deep', 'Runs what npm test leaves out.')
  .argument('[parts...]', PARTS.map(({ name }) => name).join(', '))
  .option('--within <minutes>', 'leaves out parts that would take longer than all of them may', 'Infinity')
  .option('--list', 'prints the parts, and runs none', false)
  .parse();
const { within, list } = command.opts<{ readonly within: string; readonly list: boolean }>();

async function runNamed(): Promise<void> {
  const minutes = Number(within);
  if (Number.isNaN(minutes)) throw new TypeError('--within must be a number of minutes.');
  const budget = new Budget(minutes * 60_000, slowness());
  const { passed, failed } = await runAll(partsNamed(command.args), budget);
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

try {
  if (list) for (const { name, minutes } of PARTS) console.log(`${name}: some ${minutes} min`);
  else await runNamed();
} catch (error) {
  if (!(error instanceof UnknownPartError || error instanceof TypeError)) throw error;
  console.error(error.message);
  process.exitCode = MISUNDERSTOOD;
}
