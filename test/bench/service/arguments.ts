import { availableParallelism } from 'node:os';
import { Command, CommanderError } from 'commander';
import { STRATEGY_NAMES, type StrategyName, isStrategyName } from '@musubi/messaging';

/** What `npm run bench` was asked for, checked. */
export interface BenchSettings {
  readonly placements: readonly StrategyName[];
  readonly concurrencies: readonly number[];
  /** Of the hot recipient and the burst. */
  readonly crowd: number;
  readonly seconds: number;
  readonly floorSeconds: number;
  /** Messages of a history, ascending. */
  readonly historySizes: readonly number[];
  readonly memoryActs: number;
  readonly runs: number;
  readonly isProfiled: boolean;
  readonly out: string | undefined;
  readonly writesDocs: boolean;
}

/** What was asked for cannot be done; the message says what can. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

function commandLine(): Command {
  return new Command('npm run bench --')
    .description('Measures the service over HTTP beside the same writes in bare SQL.')
    .option('--quick', 'shorter and smaller throughout, to try it', false)
    .option('--only <list>', `of ${STRATEGY_NAMES.join(', ')}`)
    .option('--runs <n>', 'the median of so many whole runs', '1')
    .option('--memory-acts <n>', 'acts between the two readings of memory (5000; 300 with --quick)')
    .option('--profile', 'a CPU profile of the service, and where its time goes', false)
    .option('--out <file>', 'all figures as JSON')
    .option('--write-docs', 'the figures into docs/results/service.md', false)
    .helpOption(false)
    .option('--help', 'prints this', false)
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
}

/** What `--help` prints. */
export const benchHelp = (): string => commandLine().helpInformation();

interface Options {
  readonly quick: boolean;
  readonly only?: string;
  readonly runs: string;
  readonly memoryActs?: string;
  readonly profile: boolean;
  readonly out?: string;
  readonly writeDocs: boolean;
  readonly help: boolean;
}

const FULL = {
  concurrencies: [1, 8, 32, 128],
  crowd: 128,
  seconds: 4,
  floorSeconds: 3,
  historySizes: [100, 10_000, 1_000_000],
  memoryActs: 5000,
} as const;

const QUICK = {
  concurrencies: [1, 8, 32],
  crowd: 32,
  seconds: 1,
  floorSeconds: 0.5,
  historySizes: [100, 10_000],
  memoryActs: 300,
} as const;

/** @returns null when help was asked for. @throws UsageError */
export function parseBenchArguments(words: readonly string[]): BenchSettings | null {
  const values = valuesOf(words);
  if (values.help) return null;
  const scale = values.quick ? QUICK : FULL;
  return {
    ...scale,
    placements: values.only === undefined ? STRATEGY_NAMES : placementsOf(values.only),
    memoryActs: wholeNumber('memory-acts', values.memoryActs ?? String(scale.memoryActs)),
    runs: wholeNumber('runs', values.runs),
    isProfiled: values.profile,
    out: values.out,
    writesDocs: values.writeDocs,
  };
}

function valuesOf(words: readonly string[]): Options {
  try {
    return commandLine().parse(words, { from: 'user' }).opts<Options>();
  } catch (error) {
    if (error instanceof CommanderError) throw new UsageError(`${error.message}\n\n${benchHelp()}`);
    throw error;
  }
}

function placementsOf(text: string): readonly StrategyName[] {
  return text.split(',').map((name) => {
    if (isStrategyName(name)) return name;
    throw new UsageError(`--only: there are ${STRATEGY_NAMES.join(', ')}`);
  });
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new UsageError(`--${name} must be a whole number above 0`);
  return number;
}

/** What the figures hang on. */
export function machine(): Readonly<Record<string, string | number>> {
  return {
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    cores: availableParallelism(),
  };
}
