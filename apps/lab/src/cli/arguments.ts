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
import { Command, CommanderError } from 'commander';
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

/** Options of a workload that is made up: a trace brings agents and messages of its own. */
const OF_WORKLOADS = ['workload', 'agents', 'messages'] as const;

function commandLine(): Command {
  return new Command('npm run compare --')
    .description('Compares placements by measurement: one workload on each of them.')
    .option('--workload <name>', WORKLOAD_NAMES.join(', '), 'small-world')
    .option('--trace <file.csv>', 'lines "from,to,at" instead of a workload')
    .option('--compress <k>', "makes a trace's time so many times faster", '1')
    .option('--strategies <list>', 'only the variants of these strategies')
    .option('--variants <list>', `some of ${VARIANTS.map(({ name }) => name).join(', ')} (default: all)`)
    .option('--agents <n>', 'of a workload', '24')
    .option('--messages <n>', 'of a workload', '240')
    .option('--concurrency <list>', 'senders at once, for the load figures', '1,8,32')
    .option('--redundancy <r>', 'authorities that hold each operation', '5')
    .option('--seed <s>', 'repeats all but times', '1')
    .option('--parts <list>', 'figures besides integrity', PARTS.join(','))
    .option('--faults <file.yml>', 'faults of remote calls in the simulated run, as in docs/measuring.md')
    .option('--verify', 'exits 1 where a declared guarantee and its figure disagree, and names it', false)
    .option('--write-trace <file>', 'writes the workload as a trace, and measures nothing')
    .option('--out <folder>', 'where report.json and report.html are written', 'lab-report')
    .option(
      '--resume',
      'goes on with the partial report in that folder, and measures none of its variants',
      false,
    )
    .helpOption(false)
    .option('--help', 'prints this', false)
    .addHelpText('after', END_OF_HELP)
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
}

const END_OF_HELP = `
Ctrl-C ends with a report of the variants measured so far. Exit codes: 0, or 1 for a failure, 2 for options or input
that are not valid, 130 for a comparison that was stopped.`;

/** What `--help` prints. */
export function compareHelp(): string {
  let text = '';
  const command = commandLine().configureOutput({ writeOut: (words) => (text += words) });
  command.outputHelp();
  return text.trimEnd();
}

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
  writeTrace: file('write-trace'),
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
  const { strategies, variants, help, resume, verify, ...rest } = checked.data;
  if (verify && !rest.parts.includes('declared')) throw new UsageError('--verify needs the part declared.');
  return {
    ...rest,
    trace: rest.trace,
    faults: rest.faults,
    writeTrace: rest.writeTrace,
    variants: chooseVariants(strategies, variants),
    isHelp: help,
    isResumed: resume,
    isVerified: verify,
  };
}

function readOptions(given: readonly string[]): unknown {
  const command = parsed(given);
  const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  const isTraced = isGiven('trace');
  if (!isTraced && isGiven('compress')) throw new UsageError('--compress needs --trace.');
  for (const name of OF_WORKLOADS) {
    if (isTraced && isGiven(name)) throw new UsageError(`--${name} means nothing beside --trace.`);
  }
  return command.opts();
}

function parsed(given: readonly string[]): Command {
  try {
    return commandLine().parse(given, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) throw new UsageError(error.message);
    throw error;
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
