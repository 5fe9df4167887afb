import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type StrategyName } from '@musubi/messaging';
import { type BenchSettings } from './arguments.js';
import { measureCrypto } from './crypto-floor.js';
import { type Crowd } from './crowd.js';
import { floorFigures, loadFigures } from './figures-of-load.js';
import { BATCHES, Floor } from './floor.js';
import { type HttpClient } from './http-client.js';
import { type Ledger } from './ledger.js';
import { type Route, runLoad } from './load.js';
import { type ProfileFigures, parseProfile, profileFigures } from './profile.js';
import { type FloorFigures, type LoadFigures, type PlacementReport, type Rate } from './report.js';
import { type Served } from './served.js';
import { type Server } from './server.js';
import { traceAct } from './traced-act.js';

/** Where the profile is taken, and the floor compared. */
const COMPARED_AT = 32;

export interface Stage {
  readonly settings: BenchSettings;
  readonly served: Served;
  readonly server: Server;
  readonly client: HttpClient;
  readonly crowd: Crowd;
  readonly ledger: Ledger;
  /** Where the service keeps its database, and this its profiles. */
  readonly dataDir: string;
}

interface Routes {
  readonly pairs: readonly Route[];
  readonly toOne: readonly Route[];
  readonly fromOne: readonly Route[];
}

/** Everything that is measured of one placement. */
export async function measurePlacement(stage: Stage, placement: StrategyName): Promise<PlacementReport> {
  const { server, client, crowd, settings } = stage;
  const bench = new PlacementBench(stage, placement);
  // Those who never met meet before anything is counted.
  const routes = {
    pairs: await crowd.pairs(placement, settings.crowd),
    toOne: await crowd.toOne(placement, settings.crowd),
    fromOne: await crowd.fromOne(placement, settings.crowd),
  };
  const shape = await traceAct(server.db, () => bench.send(routes.pairs.slice(0, 1), 0));
  const before = await server.totals(client);
  const { acts, ...figures } = await bench.loads(routes);
  const after = await server.totals(client);
  const floor = await bench.floor(await Floor.open(shape));
  return {
    placement,
    act: {
      writingTransactions: shape.transactions.length,
      rows: shape.rows,
      bytes: shape.bytes,
      transactions: (after.transactions - before.transactions) / acts,
    },
    ...figures,
    floor,
    shareOfFloor: rateAt(figures.loads) / rateAt(floor.same),
    crypto: await measureCrypto(placement),
    profile: settings.isProfiled ? await bench.profile(routes.pairs.slice(0, COMPARED_AT)) : null,
  };
}

function rateAt(rates: readonly Rate[]): number {
  return rates.find(({ concurrency }) => concurrency === COMPARED_AT)?.perSecond ?? Number.NaN;
}

type Loads = Pick<PlacementReport, 'loads' | 'hotRecipient' | 'burst'>;

class PlacementBench {
  constructor(
    private readonly stage: Stage,
    private readonly placement: StrategyName,
  ) {}

  async send(routes: readonly Route[], seconds: number): ReturnType<typeof runLoad> {
    const { client, ledger } = this.stage;
    const result = await runLoad(client, { placement: this.placement, routes, seconds });
    ledger.note(result.sent);
    return result;
  }

  async loads({ pairs, toOne, fromOne }: Routes): Promise<Loads & { readonly acts: number }> {
    const loads: LoadFigures[] = [];
    for (const concurrency of this.stage.settings.concurrencies) {
      loads.push(await this.measure(pairs.slice(0, concurrency)));
    }
    const hotRecipient = await this.measure(toOne);
    const burst = await this.measure(fromOne);
    const acts = [...loads, hotRecipient, burst].reduce((sum, load) => sum + load.acts, 0);
    return { loads, hotRecipient, burst, acts };
  }

  async floor(floor: Floor): Promise<PlacementReport['floor']> {
    const { server, settings } = this.stage;
    const { concurrencies, floorSeconds } = settings;
    try {
      const same: FloorFigures[] = [];
      for (const concurrency of concurrencies) {
        const result = await server.during(() => floor.same(concurrency, floorSeconds));
        same.push(floorFigures(concurrency, result));
      }
      const atOnce = await server.during(() => floor.atOnce(COMPARED_AT, floorSeconds));
      const batched = await server.during(() => floor.batched(floorSeconds));
      return { same, atOnce: floorFigures(COMPARED_AT, atOnce), batched: floorFigures(BATCHES, batched) };
    } finally {
      await floor.close();
    }
  }

  async profile(routes: readonly Route[]): Promise<ProfileFigures> {
    const { served, settings, dataDir } = this.stage;
    const path = join(dataDir, `${this.placement}.cpuprofile`);
    await served.startProfile();
    const { latenciesMs } = await this.send(routes, settings.seconds);
    await served.stopProfile(path);
    return profileFigures(parseProfile(await readFile(path, 'utf8')), latenciesMs.length);
  }

  private async measure(routes: readonly Route[]): Promise<LoadFigures> {
    const { server, settings } = this.stage;
    return loadFigures(routes.length, await server.during(() => this.send(routes, settings.seconds)));
  }
}
