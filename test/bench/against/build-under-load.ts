import { type StrategyName } from '@musubi/messaging';
import { Client } from '../../../apps/api/test/support/client.js';
import { Crowd } from '../service/crowd.js';
import { HttpClient } from '../service/http-client.js';
import { Ledger } from '../service/ledger.js';
import { type LoadResult, type Route, runLoad } from '../service/load.js';
import { Served } from '../service/served.js';
import { postgresCpuSeconds } from '../service/server.js';
import { type Block } from './against.js';

/** One build as a running service, with agents that can write to one another. */
export class BuildUnderLoad {
  private readonly routes = new Map<string, readonly Route[]>();

  private constructor(
    private readonly served: Served,
    private readonly client: HttpClient,
    private readonly crowd: Crowd,
  ) {}

  static async start(root: string, dataDir: string, senders: number): Promise<BuildUnderLoad> {
    const served = await Served.start(dataDir, root);
    const client = new HttpClient(served.url);
    const crowd = await Crowd.gather({ rest: new Client(served.url), client, ledger: new Ledger() }, senders);
    return new BuildUnderLoad(served, client, crowd);
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.served.stop();
  }

  /** Loads it for so many seconds. Pairs that meet for the first time do so before. */
  async block(placement: StrategyName, senders: number, seconds: number): Promise<Block> {
    const routes = await this.routesOf(placement, senders);
    return measureBlock([this.served], () => runLoad(this.client, { placement, routes, seconds }));
  }

  private async routesOf(placement: StrategyName, senders: number): Promise<readonly Route[]> {
    const name = `${placement}/${senders}`;
    const routes = this.routes.get(name) ?? (await this.crowd.pairs(placement, senders));
    this.routes.set(name, routes);
    return routes;
  }
}

/** @param services on which the acts run, each with its PostgreSQL */
export async function measureBlock(
  services: readonly Served[],
  work: () => Promise<LoadResult>,
): Promise<Block> {
  const before = await cpuOf(services);
  const load = await work();
  const after = await cpuOf(services);
  return {
    acts: load.latenciesMs.length,
    seconds: load.seconds,
    apiCpuSeconds: after.api - before.api,
    postgresCpuSeconds: after.postgres - before.postgres,
  };
}

async function cpuOf(
  services: readonly Served[],
): Promise<{ readonly api: number; readonly postgres: number }> {
  const sum = { api: 0, postgres: 0 };
  for (const served of services) {
    const [{ cpuSeconds }, postgres] = await Promise.all([
      served.usage(),
      postgresCpuSeconds(served.postmaster),
    ]);
    sum.api += cpuSeconds;
    sum.postgres += postgres ?? NaN;
  }
  return sum;
}
