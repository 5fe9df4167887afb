import { join } from 'node:path';
import { type StrategyName } from '@musubi/messaging';
import { type Agent, Client } from '../../../apps/api/test/support/client.js';
import { type Block } from '../against/against.js';
import { measureBlock } from '../against/build-under-load.js';
import { HttpClient } from '../service/http-client.js';
import { type Route, runLoad } from '../service/load.js';
import { ROOT, Served } from '../service/served.js';

const LINKED = { NODE_LISTEN: '127.0.0.1:0' } as const;

/** Two nodes of this build, and senders on one of them that write to agents of the other. */
export class NodesUnderLoad {
  private readonly met = new Set<string>();

  private constructor(
    private readonly services: readonly [Served, Served],
    private readonly client: HttpClient,
    private readonly routes: readonly Route[],
  ) {}

  static async start(dataDir: string, senders: number): Promise<NodesUnderLoad> {
    const here = await Served.start(join(dataDir, 'here'), ROOT, LINKED);
    try {
      const there = await Served.start(join(dataDir, 'there'), ROOT, LINKED);
      const routes = await acquaint(new Client(here.url), new Client(there.url), senders);
      return new NodesUnderLoad([here, there], new HttpClient(here.url), routes);
    } catch (error) {
      await here.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.client.close();
    await Promise.all(this.services.map((served) => served.stop()));
  }

  /** Loads both for so many seconds. Pairs that meet for the first time do so before. */
  async block(placement: StrategyName, senders: number, seconds: number): Promise<Block> {
    const routes = this.routes.slice(0, senders);
    const name = `${placement}/${senders}`;
    for (let turn = 0; turn < 2 && !this.met.has(name); turn += 1)
      await runLoad(this.client, { placement, routes, seconds: 0 });
    this.met.add(name);
    return measureBlock(this.services, () => runLoad(this.client, { placement, routes, seconds }));
  }
}

/** Each sender has the card of a recipient of its own. */
async function acquaint(here: Client, there: Client, senders: number): Promise<readonly Route[]> {
  const routes: Route[] = [];
  while (routes.length < senders) {
    const number = routes.length;
    const [from, to] = [await here.newAgent(`from ${number}`), await there.newAgent(`to ${number}`)];
    await takeCard({ here, there }, { from, to });
    routes.push({ from, to });
  }
  return routes;
}

async function takeCard(
  { here, there }: { readonly here: Client; readonly there: Client },
  { from, to }: { readonly from: Agent; readonly to: Agent },
): Promise<void> {
  const card = await (await there.request(`/v1/agents/${to.agent}/card`, { token: to.token })).text();
  const body = { card: card.trim() };
  const taken = await here.request(`/v1/contacts/${to.agent}`, { token: from.token, method: 'PUT', body });
  if (taken.status !== 200) throw new Error(`no card: ${taken.status} ${await taken.text()}`);
}
