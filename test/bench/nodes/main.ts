import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StrategyName } from '@musubi/messaging';
import { script } from '../../support/script.js';
import { type Comparison, type Round, compare } from '../against/against.js';
import { BuildUnderLoad } from '../against/build-under-load.js';
import { ROOT } from '../service/served.js';
import { NodesUnderLoad } from './nodes-under-load.js';

const PLACEMENTS: readonly StrategyName[] = ['source-chain', 'pairwise-dht'];
/** CPU time of an act between two nodes, both of them and their databases, of that of an act on one. */
const HIGHEST_RATIO = 1.7;

interface Measured {
  readonly alone: BuildUnderLoad;
  readonly nodes: NodesUnderLoad;
}

const options = script('bench:nodes', 'What an act between two nodes costs, of one on a single node.')
  .option('--senders <list>', 'at once', '1,8,32')
  .option('--rounds <n>', 'of four blocks: one node, two nodes, two nodes, one node', '15')
  .option('--seconds <s>', 'a block', '1')
  .option('--json', 'prints the figures as JSON', false)
  .parse()
  .opts<{
    readonly senders: string;
    readonly rounds: string;
    readonly seconds: string;
    readonly json: boolean;
  }>();
const senders = options.senders.split(',').map(Number);
const [rounds, seconds] = [Number(options.rounds), Number(options.seconds)];
if (![rounds, seconds, ...senders].every((number) => number > 0)) {
  console.error('Senders, rounds and seconds must be numbers above 0.');
  process.exit(2);
}

/** The first round warms all of them up. */
async function measure(
  { alone, nodes }: Measured,
  placement: StrategyName,
  atOnce: number,
): Promise<readonly Comparison[]> {
  const measured: Round[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const before1 = await alone.block(placement, atOnce, seconds);
    const now1 = await nodes.block(placement, atOnce, seconds);
    const now2 = await nodes.block(placement, atOnce, seconds);
    const before2 = await alone.block(placement, atOnce, seconds);
    if (round >= 0) measured.push({ before: [before1, before2], now: [now1, now2] });
  }
  return compare(measured);
}

function textOf(title: string, comparisons: readonly Comparison[]): string {
  const lines = comparisons.map(({ before, figure, interval: [low, high], now, ratio }) => {
    const figures = [before.toFixed(2), now.toFixed(2)].map((text) => text.padStart(9)).join('');
    return `  ${figure.padEnd(18)}${figures}  ${ratio.toFixed(2)}  [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  });
  return [`${title}: one node, two nodes, the median ratio with its interval of 95 %`, ...lines].join('\n');
}

const dataDir = await mkdtemp(join(tmpdir(), 'musubi-bench-nodes-'));
const most = Math.max(...senders);
const all: { readonly placement: StrategyName; readonly senders: number; readonly figures: unknown }[] = [];
try {
  const alone = await BuildUnderLoad.start(ROOT, join(dataDir, 'alone'), most);
  const nodes = await NodesUnderLoad.start(dataDir, most).catch(async (error: unknown) => {
    await alone.stop();
    throw error;
  });
  try {
    for (const placement of PLACEMENTS) {
      for (const atOnce of senders) {
        const figures = await measure({ alone, nodes }, placement, atOnce);
        all.push({ placement, senders: atOnce, figures });
        if (!options.json) console.log(textOf(`${placement}, ${atOnce} at once`, figures));
        const cpu = figures.find(({ figure }) => figure === 'CPU ms/act');
        // An interval that contains the bound shows nothing.
        if ((cpu?.interval[0] ?? 0) > HIGHEST_RATIO) process.exitCode = 1;
      }
    }
  } finally {
    await Promise.all([alone.stop(), nodes.stop()]);
  }
  if (options.json) console.log(JSON.stringify(all, null, 2));
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
