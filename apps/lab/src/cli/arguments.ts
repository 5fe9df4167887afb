import { parseArgs, types } from 'node:util';
import {
  VARIANTS,
  type Variant,
  PARTS,
  type Part,
  isPart,
  WORKLOAD_NAMES,
  type WorkloadName,
  UsageError,
} from '@musubi/lab';
import { z } from 'zod';

/** What `npm run compare` was asked for, checked. */
export interface CompareArguments {
  readonly workload: WorkloadName;
  readonly agents: number;
  readonly messages: number;
  readonly concurrency: readonly number[];
  readonly redundancy: number;
  readonly seed: number;
  readonly variants: readonly Variant[];
  /** A CSV file, instead of a workload. */
  readonly trace: string | undefined;
  /** How many times faster the trace's time runs. */
  readonly compress: number;
  /** Besides integrity. */
  readonly parts: readonly Part[];
  /** A YAML file: what goes wrong with remote calls. */
  readonly faults: string | undefined;
  /** A CSV file that the workload is written to, and nothing is measured. */
  readonly writeTrace: string | undefined;
  /** The folder that the reports go to. */
  readonly out: string;
  /** Goes on with the partial report of that folder. */
  readonly isResumed: boolean;
  /** What is declared and contradicted by a figure is a failure. */
  readonly isVerified: boolean;
  readonly isHelp: boolean;
}

const OPTIONS = {
  workload: { type: 'string', default: 'small-world' },
  strategies: { type: 'string' },
  variants: { type: 'string' },
  agents: { type: 'string', default: '24' },
  messages: { type: 'string', default: '240' },
  concurrency: { type: 'string', default: '1,8,32' },
  redundancy: { type: 'string', default: '5' },
  trace: { type: 'string' },
  compress: { type: 'string', default: '1' },
  seed: { type: 'string', default: '1' },
  parts: { type: 'string', default: PARTS.join(',') },
  faults: { type: 'string' },
  'write-trace': { type: 'string' },
  resume: { type: 'boolean', default: false },
  verify: { type: 'boolean', default: false },
  out: { type: 'string', default: 'lab-report' },
  help: { type: 'boolean', default: false },
} as const;

/** Options of a workload that is made up: a trace brings agents and messages of its own. */
const OF_WORKLOADS = new Set(['workload', 'agents', 'messages']);

export const USAGE = `npm run compare -- [options]
  --workload NAME       ${WORKLOAD_NAMES.join(', ')} (small-world)
  --trace FILE.csv      lines "from,to,at" instead of a workload; --compress K makes its time K times faster
  --strategies A,B      only the variants of these strategies
  --variants A,B        ${VARIANTS.map(({ name }) => name).join(', ')} (all)
  --agents N            (24)
  --messages N          (240)
  --concurrency A,B     senders at once, for the load figures (1,8,32)
  --redundancy R        authorities that hold each operation (5)
  --seed S              (1)
  --parts A,B           figures besides integrity: ${PARTS.join(', ')} (all)
  --faults FILE.yml     faults of remote calls in the simulated run, as in docs/measuring.md
  --verify              exits 1 where a declared guarantee and its figure disagree, and names it
  --write-trace FILE    writes the workload as a trace, and measures nothing
  --out DIR             where report.json and report.html are written (lab-report)
  --resume              goes on with the partial report in DIR: variants that are in it are not measured again
Ctrl-C ends with a report of the variants measured so far. Exit codes: 0, or 1 for a failure, 2 for options or input
that are not valid, 130 for a comparison that was stopped.`;

const wholeNumber = (name: string, least: number, most: number) =>
  z.coerce
    .number(`--${name} must be a whole number`)
    .int(`--${name} must be a whole number`)
    .min(least, `--${name} must be ${least} at least`)
    .max(most, `--${name} must be ${most} at most`);

const list = z.string().transform((text) => text.split(',').map((item) => item.trim()));

const senders = z
  .int('--concurrency must be whole numbers, such as 1,8,32')
  .min(1, '--concurrency must be 1 at least')
  .max(256, '--concurrency must be 256 at most');

const file = (name: string) => z.string().min(1, `--${name} must name a file`).optional();

const schema = z.object({
  workload: z.enum(WORKLOAD_NAMES, `--workload must be one of ${WORKLOAD_NAMES.join(', ')}`),
  agents: wholeNumber('agents', 2, 100_000),
  messages: wholeNumber('messages', 1, 10_000_000),
  concurrency: list.transform((items) => items.map(Number)).pipe(z.array(senders).min(1)),
  redundancy: wholeNumber('redundancy', 1, 1000),
  seed: wholeNumber('seed', 0, 2 ** 31 - 1),
  compress: z.coerce.number('--compress must be a number').positive('--compress must be more than 0'),
  strategies: list.optional(),
  variants: list.optional(),
  trace: file('trace'),
  faults: file('faults'),
  'write-trace': file('write-trace'),
  parts: list.pipe(z.array(z.string().refine(isPart, `--parts must be some of ${PARTS.join(', ')}`))),
  resume: z.boolean(),
  verify: z.boolean(),
  out: z.string().min(1, '--out must name a folder'),
  help: z.boolean(),
});

/** @throws UsageError in one line */
export function parseCompareArguments(given: readonly string[]): CompareArguments {
  const checked = schema.safeParse(readOptions(given));
  if (!checked.success)
    throw new UsageError(checked.error.issues[0]?.message ?? 'The options are not valid.');
  const { strategies, variants, help, resume, verify, 'write-trace': writeTrace, ...rest } = checked.data;
  if (verify && !rest.parts.includes('declared')) throw new UsageError('--verify needs the part declared.');
  return {
    ...rest,
    trace: rest.trace,
    faults: rest.faults,
    writeTrace,
    variants: chooseVariants(strategies, variants),
    isHelp: help,
    isResumed: resume,
    isVerified: verify,
  };
}

function readOptions(given: readonly string[]): unknown {
  const { values, tokens } = parsed(given);
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (values.trace === undefined && token.name === 'compress')
      throw new UsageError('--compress needs --trace.');
    if (values.trace !== undefined && OF_WORKLOADS.has(token.name))
      throw new UsageError(`--${token.name} means nothing beside --trace.`);
  }
  return values;
}

function parsed(given: readonly string[]) {
  try {
    return parseArgs({ args: [...given], options: OPTIONS, strict: true, tokens: true });
  } catch (error) {
    throw new UsageError(
      types.isNativeError(error) ? (error.message.split('\n')[0] ?? '') : 'The options are not valid.',
    );
  }
}

function chooseVariants(
  strategies: readonly string[] | undefined,
  names: readonly string[] | undefined,
): readonly Variant[] {
  for (const name of names ?? []) {
    if (!VARIANTS.some((variant) => variant.name === name))
      throw new UsageError(`There is no variant ${name}.`);
  }
  for (const name of strategies ?? []) {
    if (!VARIANTS.some(({ strategy }) => strategy === name))
      throw new UsageError(`There is no strategy ${name}.`);
  }
  const chosen = VARIANTS.filter(
    ({ name, strategy }) => (names?.includes(name) ?? true) && (strategies?.includes(strategy) ?? true),
  );
  if (chosen.length === 0) throw new UsageError('No variant is left to compare.');
  return chosen;
}
