import { type StrategyName } from '@musubi/messaging';
import { Client } from '../../../apps/api/test/support/client.js';
import { Crowd } from '../service/crowd.js';
import { HttpClient } from '../service/http-client.js';
import { Ledger } from '../service/ledger.js';
import { type Route, runLoad } from '../service/load.js';
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
    const before = await this.cpu();
    const load = await runLoad(this.client, { placement, routes, seconds });
    const after = await this.cpu();
    return {
      acts: load.latenciesMs.length,
      seconds: load.seconds,
      apiCpuSeconds: after.api - before.api,
      postgresCpuSeconds: after.postgres - before.postgres,
    };
  }

  private async routesOf(placement: StrategyName, senders: number): Promise<readonly Route[]> {
    const name = `${placement}/${senders}`;
    const routes = this.routes.get(name) ?? (await this.crowd.pairs(placement, senders));
    this.routes.set(name, routes);
    return routes;
  }

  private async cpu(): Promise<{ readonly api: number; readonly postgres: number }> {
    const [{ cpuSeconds }, postgres] = await Promise.all([
      this.served.usage(),
      postgresCpuSeconds(this.served.postmaster),
    ]);
    return { api: cpuSeconds, postgres: postgres ?? NaN };
  }
}
