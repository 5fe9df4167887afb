import { STRATEGY_NAMES } from '@musubi/messaging';
import { Client } from '../../../apps/api/test/support/client.js';
import { type BenchSettings, machine } from './arguments.js';
import { Crowd } from './crowd.js';
import { measurePages } from './history-pages.js';
import { measureHotChain } from './hot-chain.js';
import { HttpClient } from './http-client.js';
import { Ledger, type Losses } from './ledger.js';
import { measureMemory, memoryAtRest } from './memory.js';
import { type Stage, measurePlacement } from './placement.js';
import { type BenchReport, type PlacementReport } from './report.js';
import { Served } from './served.js';
import { Server } from './server.js';

interface Connected {
  readonly served: Served;
  readonly client: HttpClient;
  readonly rest: Client;
}

/** One whole run, on a service and a database of its own. */
export async function runBench(settings: BenchSettings, dataDir: string): Promise<BenchReport> {
  const ledger = new Ledger();
  const first = await withService(dataDir, async (connected) => {
    const idle = await memoryAtRest(connected.served);
    const crowd = await Crowd.gather({ ...connected, ledger }, settings.crowd);
    const measured = await measureService({ ...connected, settings, crowd, ledger, dataDir });
    return { idle, crowd, measured, startMs: connected.served.startMs };
  });
  const again = await withService(dataDir, async ({ rest, client, served }) => {
    say('memory');
    const crowd = first.crowd.at(client);
    const { placements, memoryActs } = settings;
    const memory = await measureMemory({ served, client, crowd, ledger, placements }, memoryActs);
    say('reading everything back');
    const losses: Losses[] = [];
    for (const placement of STRATEGY_NAMES) losses.push(await ledger.verify(rest, placement));
    return { startMs: served.startMs, memory, losses };
  });
  return {
    at: new Date().toISOString(),
    machine: machine(),
    startMs: { first: first.startMs, again: again.startMs },
    ...first.measured,
    memory: { idle: first.idle, ...again.memory },
    losses: again.losses.filter(({ sent }) => sent > 0),
  };
}

async function withService<Result>(
  dataDir: string,
  work: (connected: Connected) => Promise<Result>,
): Promise<Result> {
  say('starting');
  const served = await Served.start(dataDir);
  // What the libraries' own databases for tests are made on: the service's server.
  process.env['MUSUBI_TEST_DATABASE_URL'] = served.databaseUrl;
  const client = new HttpClient(served.url);
  try {
    return await work({ served, client, rest: new Client(served.url) });
  } finally {
    client.close();
    await served.stop();
  }
}

type Measured = Pick<BenchReport, 'durability' | 'placements' | 'hotChain' | 'pages'>;

async function measureService({
  rest,
  ...parts
}: Omit<Stage, 'server'> & { readonly rest: Client }): Promise<Measured> {
  const { settings, served, client } = parts;
  const server = await Server.connect(served);
  try {
    const durability = await server.durability();
    say(`durability: ${JSON.stringify(durability)}`);
    const placements: PlacementReport[] = [];
    for (const placement of settings.placements) {
      say(placement);
      placements.push(await measurePlacement({ ...parts, server }, placement));
    }
    say('one hot chain');
    const hotChain = await measureHotChain(settings.crowd, settings.floorSeconds);
    say('pages');
    const pages = await measurePages({ rest, client, db: server.db }, settings.historySizes);
    return { durability, placements, hotChain, pages };
  } finally {
    await server.close();
  }
}

/** On the side, with the seconds since the beginning, so that what is printed at the end stands alone. */
function say(what: string): void {
  console.error(`${(performance.now() / 1000).toFixed(0).padStart(5)} s  ${what}`);
}
