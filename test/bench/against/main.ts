import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { STRATEGY_NAMES, type StrategyName, isStrategyName } from '@musubi/messaging';
import { script } from '../../support/script.js';
import { ROOT } from '../service/served.js';
import { type Round, compare } from './against.js';
import { BuildUnderLoad } from './build-under-load.js';

interface Options {
  readonly only: string;
  readonly senders: string;
  readonly rounds: string;
  readonly seconds: string;
}

interface Settings {
  readonly before: string;
  readonly placements: readonly StrategyName[];
  readonly senders: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
}

interface Builds {
  readonly before: BuildUnderLoad;
  readonly now: BuildUnderLoad;
}

/** Ends the process where the words are not understood. */
function settingsFrom(words: readonly string[]): Settings {
  const command = script('bench:against', 'Compares this build with another, in alternating blocks.')
    .argument('<folder>', 'of the other build')
    .option('--only <list>', 'of the placements', STRATEGY_NAMES.join())
    .option('--senders <list>', 'at once', '1,32')
    .option('--rounds <n>', 'of four blocks: before, now, now, before', '25')
    .option('--seconds <s>', 'a block', '0.5')
    .parse(words, { from: 'user' });
  const [folder = ''] = command.args;
  const options = command.opts<Options>();
  const placements = options.only.split(',').filter(isStrategyName);
  const senders = options.senders.split(',').map(Number);
  const [rounds, seconds] = [Number(options.rounds), Number(options.seconds)];
  const areNumbersGood = [rounds, seconds, ...senders].every((number) => number > 0);
  if (placements.length === 0 || !areNumbersGood) command.help({ error: true });
  return { before: resolve(folder), placements, senders, rounds, seconds };
}

async function withBuilds(settings: Settings, work: (builds: Builds) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'musubi-against-'));
  const most = Math.max(...settings.senders);
  const started: BuildUnderLoad[] = [];
  const start = async (name: string, root: string): Promise<BuildUnderLoad> => {
    const build = await BuildUnderLoad.start(root, join(dataDir, name), most);
    started.push(build);
    return build;
  };
  try {
    const before = await start('before', settings.before);
    await work({ before, now: await start('now', ROOT) });
  } finally {
    await Promise.all(started.map((build) => build.stop()));
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measure(
  { before, now }: Builds,
  { rounds, seconds }: Settings,
  { placement, senders }: { readonly placement: StrategyName; readonly senders: number },
): Promise<readonly Round[]> {
  const block = (build: BuildUnderLoad) => build.block(placement, senders, seconds);
  const measured: Round[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const [before1, now1, now2, before2] = [
      await block(before),
      await block(now),
      await block(now),
      await block(before),
    ];
    // The first warms both up.
    if (round >= 0) measured.push({ before: [before1, before2], now: [now1, now2] });
  }
  return measured;
}

function textOf(title: string, rounds: readonly Round[]): string {
  const lines = compare(rounds).map(({ figure, before, now, ratio, interval: [low, high] }) => {
    const figures = [before.toFixed(2), now.toFixed(2)].map((text) => text.padStart(9)).join('');
    return `  ${figure.padEnd(18)}${figures}  ${ratio.toFixed(3)}  [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  });
  return [`${title}: before, now, the median of now / before with its interval of 95 %`, ...lines].join('\n');
}

const settings = settingsFrom(process.argv.slice(2));
await withBuilds(settings, async (builds) => {
  for (const placement of settings.placements) {
    for (const senders of settings.senders) {
      const rounds = await measure(builds, settings, { placement, senders });
      console.log(textOf(`${placement}, ${senders} at once`, rounds));
    }
  }
});
