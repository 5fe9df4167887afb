import { Client } from '../../../apps/api/test/support/client.js';
import { type BenchSettings, machine } from './arguments.js';
import { Crowd } from './crowd.js';
import { measurePages } from './history-pages.js';
import { measureHotChain } from './hot-chain.js';
import { HttpClient } from './http-client.js';
import { Ledger } from './ledger.js';
import { type MemoryParts, measureMemory } from './memory.js';
import { type Stage, measurePlacement } from './placement.js';
import { type BenchReport, type PageFigures, type PlacementReport, type Rate } from './report.js';
import { Served } from './served.js';
import { Server } from './server.js';

/** One whole run, on a service and a database of its own. */
export async function runBench(settings: BenchSettings, dataDir: string): Promise<BenchReport> {
  const first = await withService(dataDir, async (served, client) => {
    const idle = await served.memory(true);
    return {
      idle,
      startMs: served.startMs,
      ...(await measureService(settings, { served, client, dataDir })),
    };
  });
  const second = await withService(dataDir, async (served, client) => {
    say('memory');
    return { startMs: served.startMs, memory: await memoryOf(settings, { served, client }) };
  });
  const { idle, startMs, ...measured } = first;
  return {
    at: new Date().toISOString(),
    machine: machine(),
    startMs: { first: startMs, again: second.startMs },
    ...measured,
    memory: { idle, ...second.memory },
  };
}

async function withService<Result>(
  dataDir: string,
  work: (served: Served, client: HttpClient) => Promise<Result>,
): Promise<Result> {
  const served = await Served.start(dataDir);
  // What the libraries' own databases for tests are made on: the service's server.
  process.env['MUSUBI_TEST_DATABASE_URL'] = served.databaseUrl;
  const client = new HttpClient(served.url);
  try {
    return await work(served, client);
  } finally {
    client.close();
    await served.stop();
  }
}

interface Measured {
  readonly durability: Readonly<Record<string, string>>;
  readonly placements: readonly PlacementReport[];
  readonly hotChain: Rate;
  readonly pages: readonly PageFigures[];
}

async function measureService(
  settings: BenchSettings,
  parts: Pick<Stage, 'served' | 'client' | 'dataDir'>,
): Promise<Measured> {
  const server = await Server.connect(parts.served);
  try {
    const durability = await server.durability();
    say(`durability: ${JSON.stringify(durability)}`);
    const rest = new Client(parts.served.url);
    const ledger = new Ledger(rest);
    const crowd = await Crowd.gather({ client: parts.client, ledger, rest }, settings.crowd);
    const placements: PlacementReport[] = [];
    for (const placement of settings.placements) {
      say(placement);
      placements.push(await measurePlacement({ ...parts, settings, server, crowd, ledger }, placement));
    }
    say('one hot chain');
    const hotChain = await measureHotChain(settings.crowd, settings.floorSeconds);
    say('pages');
    const pages = await measurePages({ rest, client: parts.client, db: server.db }, settings.historySizes);
    return { durability, placements, hotChain, pages };
  } finally {
    await server.close();
  }
}

/** Its acts are verified as all others. @throws Error when one was lost */
async function memoryOf(
  { placements, crowd: pairs, memoryActs }: BenchSettings,
  { served, client }: Pick<MemoryParts, 'served' | 'client'>,
): Promise<Omit<BenchReport['memory'], 'idle'>> {
  const rest = new Client(served.url);
  const ledger = new Ledger(rest);
  const crowd = await Crowd.gather({ client, ledger, rest }, pairs);
  const memory = await measureMemory({ served, client, crowd, ledger, placements }, memoryActs);
  for (const placement of placements) {
    const { sent, ...losses } = await ledger.verify(placement);
    if (Object.values(losses).some((count) => count > 0)) {
      throw new Error(`${placement}: of ${sent} acts for memory, ${JSON.stringify(losses)}`);
    }
  }
  return memory;
}

/** On the side, so that what is printed at the end stands alone. */
function say(what: string): void {
  console.error(what);
}
