import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { Option } from 'commander';
import { startLabServer, VARIANTS, type Variant } from '@musubi/lab';
import { script } from '../cli/script.js';
import { type State, besides, stateSchema } from './figures.js';
import { SIZE, measureExposure } from './measure.js';
import { exposurePage } from './page.js';

/** In the order of the page's columns. */
const STATES = ['before', 'after'];

interface Options {
  readonly as?: string;
  readonly pageOnly: boolean;
  readonly seeds: string;
  readonly days: string;
  readonly variants: string;
  readonly out: string;
}

const command = script('exposure', 'Measures what each attack finds, and writes docs/exposure.md.')
  .addOption(new Option('--as <name>', 'what this state of the code is called').choices(STATES))
  .option('--page-only', 'measures nothing, and writes the page anew from what was measured', false)
  .option('--seeds <list>', 'of the workloads', '1,2,3,4,5')
  .option('--days <list>', 'over how many days the same messages are spread', '1,10')
  .option('--variants <list>', 'which are measured', defaults().join(','))
  .option('--out <file.md>', 'the page; figures lie in a folder of its name', 'docs/exposure.md')
  .addHelpText('after', '\nWhat was measured before and is not asked for stays, with its commit.')
  .parse();
const values = command.opts<Options>();

function defaults(): readonly string[] {
  const first = (strategy: string): Variant | undefined =>
    VARIANTS.find((variant) => variant.strategy === strategy);
  return VARIANTS.filter((variant) => first(variant.strategy) === variant).map(({ name }) => name);
}

const folder = join(dirname(values.out), 'exposure');
const fileOf = (state: string): string => join(folder, `${state}.json`);

async function measure(state: string): Promise<State> {
  const server = await startLabServer();
  try {
    const names = values.variants.split(',');
    const variants = VARIANTS.filter(({ name }) => names.includes(name));
    const asked = { seeds: numbers(values.seeds), days: numbers(values.days), variants };
    const runs = await measureExposure(server, asked, ({ variant, days, seed }) => {
      console.error(`${variant}, ${days} d, seed ${seed}`);
    });
    const measuredAt = `${new Date().toISOString().slice(0, 16)}Z`;
    return { state, revision: revision(), measuredAt, machine: machine(server.version), ...SIZE, runs };
  } finally {
    await server.close();
  }
}

function numbers(list: string): readonly number[] {
  return list.split(',').map(Number);
}

/** The commit, and whether what was measured is that commit. */
function revision(): string {
  const git = (...asked: string[]): string => execFileSync('git', asked, { encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--', 'apps', 'libs') !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' with changes' : ''}`;
}

function machine(postgres: string): string {
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${gib} GiB, Node ${process.version}, PostgreSQL ${postgres}`;
}

async function stored(state: string): Promise<readonly State[]> {
  const text = await readFile(fileOf(state), 'utf8').catch(() => null);
  return text === null ? [] : [stateSchema.parse(JSON.parse(text))];
}

async function main(): Promise<void> {
  if (!values.pageOnly) {
    const state = values.as ?? command.error("error: option '--as <name>' is missing");
    await mkdir(folder, { recursive: true });
    const [known] = await stored(state);
    const figures = besides(known, await measure(state));
    await writeFile(fileOf(state), `${JSON.stringify(figures, null, 2)}\n`);
  }
  const states = (await Promise.all(STATES.map(stored))).flat();
  await writeFile(values.out, exposurePage(states));
}

await main();
