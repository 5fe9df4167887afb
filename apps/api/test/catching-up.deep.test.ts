import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import fc from 'fast-check';
import { openTestDatabase } from '@musubi/database/testing';
import { PATIENCE_MS } from '../../../test/support/patience.js';
import { until } from '../../../test/support/until.js';
import { serviceDatabase } from '../src/node/database.js';
import { type Agent, Client } from './support/client.js';
import { openEventStream } from './support/event-stream.js';
import { KnownState, listed } from './support/known-state.js';
import { type ServiceProcess, startServiceProcess } from './support/service-process.js';

const PASSPHRASE = 'correct horse battery staple';
const RUNS = 4;

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let processes: readonly ServiceProcess[];
let here: Client;
let there: Client;

const startProcess = (): Promise<ServiceProcess> =>
  startServiceProcess({
    PORT: '0',
    DATABASE_URL: database.url,
    NODE_SECRET: `${'a'.repeat(42)}A`,
    RATE_LIMIT_PER_SECOND: '10000',
    DATABASE_POOL: '6',
  });

beforeAll(async () => {
  database = await openTestDatabase(serviceDatabase);
  processes = [await startProcess(), await startProcess()];
  [here, there] = processes.map(({ url }) => new Client(url)) as [Client, Client];
});

afterAll(async () => {
  await Promise.all(processes.map((one) => one.end('SIGTERM')));
  await database.close();
});

const strategy = fc.constantFrom(...STRATEGY_NAMES);
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('receive' as const), strategy }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('send' as const), strategy, device: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('read' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('delete' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('cut' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('peer leaves or comes' as const) }) },
);
type Act = typeof act extends fc.Arbitrary<infer Of> ? Of : never;

/** Bob with two devices, who writes to and hears from Alice and from Carol, who comes and goes. */
class Scenario {
  private isCarolHere = true;

  private constructor(
    readonly bob: Agent,
    private readonly alice: Agent,
    private carol: Agent,
  ) {}

  static async open(): Promise<Scenario> {
    const bob = await here.newAgent('bob');
    return new Scenario(bob, await here.newAgent('alice'), await here.newAgent('carol', PASSPHRASE));
  }

  async perform(act: Act): Promise<void> {
    const headers = { prefer: 'respond-async' };
    if (act.act === 'receive') await here.send(act.strategy, this.alice, this.bob, { headers });
    else if (act.act === 'send') {
      const to = act.device === 0 ? this.alice : this.carol;
      await (act.device === 0 ? here : there).send(act.strategy, this.bob, to, { headers });
    } else if (act.act === 'peer leaves or comes') await this.moveCarol();
    else if (act.act !== 'cut') await this.touch(act.act, act.which);
  }

  /** So that everything arrives. */
  async bringCarol(): Promise<void> {
    if (!this.isCarolHere) await this.moveCarol();
  }

  private async moveCarol(): Promise<void> {
    const { agent } = this.carol;
    if (this.isCarolHere)
      await here.request('/v1/sessions/current', { token: this.carol.token, method: 'DELETE' });
    else {
      const body = { agent, passphrase: PASSPHRASE };
      this.carol = { agent, ...(await here.get('token', '/v1/sessions', { body })) };
    }
    this.isCarolHere = !this.isCarolHere;
  }

  /** Another device of Bob's reads or deletes one of the messages. */
  private async touch(what: 'read' | 'delete', which: number): Promise<void> {
    const { token, agent } = this.bob;
    const all = await listed(here, token);
    const candidates = what === 'read' ? all.filter(({ recipient }) => recipient === agent) : all;
    const message = candidates[which % Math.max(1, candidates.length)];
    if (message === undefined) return;
    const path = `/v1/strategies/${message.strategy}`;
    if (what === 'delete') await there.request(`${path}/messages/${message.id}`, { token, method: 'DELETE' });
    else await there.request(`${path}/receipts`, { token, body: { status: 'read', messages: [message.id] } });
  }
}

/** A client on a stream that is cut again and again, and goes on from the last event it saw. */
class StreamClient {
  private stream: { close(): Promise<void> } | undefined;

  constructor(readonly state: KnownState) {}

  async cut({ token }: Agent): Promise<void> {
    await this.stream?.close();
    this.stream = await openEventStream(here.url, {
      token,
      lastEventId: this.state.cursor,
      onEvent: (event) => {
        this.state.takeEvent(event);
      },
    });
  }

  async close(): Promise<void> {
    await this.stream?.close();
  }
}

describe('a client that was away', () => {
  it('catches up to the state of one that was not, through any process', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 2, maxLength: 8 }),
        fc.array(act, { minLength: 4, maxLength: 12 }),
        async (before, meanwhile) => {
          const scenario = await Scenario.open();
          const { token } = scenario.bob;
          for (const one of before) await scenario.perform(one);
          const away = await KnownState.load(there, token);
          const polling = await KnownState.load(here, token);
          const streaming = new StreamClient(await KnownState.load(here, token));
          await streaming.cut(scenario.bob);

          for (const one of meanwhile) {
            await scenario.perform(one);
            await polling.catchUp(3);
            if (one.act === 'cut') await streaming.cut(scenario.bob);
          }
          await scenario.bringCarol();

          const late = await KnownState.empty(there, token);
          await until(async () => {
            const all = await listed(here, token);
            expect(all.filter(({ status }) => status === 'saved')).toEqual([]);
            for (const state of [away, polling, late]) {
              await state.catchUp(5);
              expect(state.sorted()).toEqual(all);
            }
            expect(streaming.state.sorted()).toEqual(all);
          }, PATIENCE_MS);
          await streaming.close();
        },
      ),
      { numRuns: RUNS, interruptAfterTimeLimit: 150_000, markInterruptAsFailure: false },
    );
  });
});
