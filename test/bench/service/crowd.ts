import { type StrategyName } from '@musubi/messaging';
import { type Agent, type Client } from '../../../apps/api/test/support/client.js';
import { type HttpClient } from './http-client.js';
import { type Ledger } from './ledger.js';
import { type Route, runLoad } from './load.js';

/** Writing to many for the first time opens many clones and sends many contact requests; so many at once. */
const FIRST_ACTS = 8;

/** Senders and as many recipients. Unattended: a passphrase costs its agent 0.2 s once, and an act nothing. */
export class Crowd {
  private constructor(
    private readonly client: HttpClient,
    private readonly ledger: Ledger,
    private readonly agents: readonly Agent[],
    private readonly met = new Set<string>(),
  ) {}

  static async gather(
    { rest, client, ledger }: { rest: Client; client: HttpClient; ledger: Ledger },
    pairs: number,
  ): Promise<Crowd> {
    const agents: Agent[] = [];
    for (let made = 0; made < 2 * pairs; made += 1) agents.push(await rest.newAgent(`agent ${made}`));
    return new Crowd(client, ledger, agents);
  }

  /** The same at another service on the same database. */
  at(client: HttpClient): Crowd {
    return new Crowd(client, this.ledger, this.agents, this.met);
  }

  /** Each sender to a recipient of its own. */
  async pairs(placement: StrategyName, count: number): Promise<readonly Route[]> {
    return this.acquainted(placement, count, (index) => [index, index + this.half]);
  }

  /** All to one. */
  async toOne(placement: StrategyName, count: number): Promise<readonly Route[]> {
    return this.acquainted(placement, count, (index) => [index, this.half]);
  }

  /** One to all. */
  async fromOne(placement: StrategyName, count: number): Promise<readonly Route[]> {
    return this.acquainted(placement, count, (index) => [0, index + this.half]);
  }

  get half(): number {
    return this.agents.length / 2;
  }

  /** Two acts on each route before any clock runs: the first opens what a pair needs, the second goes as all others. */
  private async acquainted(
    placement: StrategyName,
    count: number,
    placesOf: (index: number) => readonly [number, number],
  ): Promise<readonly Route[]> {
    const routes = Array.from({ length: count }, (_, index) => {
      const [from, to] = placesOf(index);
      return { from: this.agent(from), to: this.agent(to) };
    });
    const strangers = routes.filter(
      ({ from, to }) => !this.met.has(`${placement}/${from.agent}/${to.agent}`),
    );
    for (let at = 0; at < strangers.length; at += FIRST_ACTS) {
      const some = strangers.slice(at, at + FIRST_ACTS);
      for (const routesOnce of [some, some]) {
        this.ledger.note((await runLoad(this.client, { placement, routes: routesOnce, seconds: 0 })).sent);
      }
    }
    for (const { from, to } of strangers) this.met.add(`${placement}/${from.agent}/${to.agent}`);
    return routes;
  }

  private agent(index: number): Agent {
    const agent = this.agents[index];
    if (agent === undefined) throw new Error(`there is no agent ${index}`);
    return agent;
  }
}
