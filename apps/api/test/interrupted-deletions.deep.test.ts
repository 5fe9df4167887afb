import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { TwoProcesses } from '../../../test/support/two-processes.js';
import { until, untilEqual } from '../../../test/support/until.js';
import { serviceDatabase } from '../src/node/database.js';
import { tracesOf, untilCleared } from './support/agent-traces.js';
import { type Agent, Client, type MessageJson } from './support/client.js';
import { NODE_SECRET } from './support/open-service.js';
import { type ServiceProcess, startServiceProcess } from './support/service-process.js';
import { PASSPHRASE, statusOf, streamOf } from './support/session-client.js';

const REASON = 'remote-call-refused/agent-deleted';
const WHAT_STAYS = ['agent_fence.agent', 'integrated_record.author'];

let database: TestDatabase;
let service: ServiceProcess;

const start = (): Promise<ServiceProcess> =>
  startServiceProcess({ PORT: '0', DATABASE_URL: database.url, NODE_SECRET, RATE_LIMIT_PER_SECOND: '10000' });

const remove = (at: Client, { agent, token }: Agent): Promise<Response> =>
  at.request(`/v1/agents/${agent}/deletion`, { token, body: { passphrase: PASSPHRASE } });

const messageOf = (at: Client, { token }: Agent, { id, strategy }: MessageJson): Promise<MessageJson> =>
  at.get('message', `/v1/strategies/${strategy}/messages/${id}`, { token });

describe('a service that ends', () => {
  beforeEach(async () => {
    database = await openTestDatabase(serviceDatabase);
    service = await start();
  });

  afterEach(async () => {
    await service.end('SIGTERM');
    await database.close();
  });

  it('finishes a deletion that was cut off half-way by a kill', async () => {
    let client = new Client(service.url);
    const [alice, bob] = [await client.newAgent('alice', PASSPHRASE), await client.newAgent('bob')];
    for (const strategy of STRATEGY_NAMES) await client.deliver(strategy, alice, bob);
    // A deletion of rows of the history waits for this one.
    const holding = database.dataSource.createQueryRunner();
    await holding.connect();
    await holding.startTransaction();
    await holding.query('select from history where holder = $1 for update', [keyOf(alice)]);
    expect((await remove(client, alice)).status).toBe(204);
    await untilEqual(true, () => isWaiting('%delete from history%'));

    await service.end('SIGKILL');
    await holding.rollbackTransaction();
    await holding.release();
    expect(await rowsOf('history', alice)).toBeGreaterThan(0);
    service = await start();
    client = new Client(service.url);

    await untilCleared(database);
    expect(await tracesOf(database, alice.agent)).toEqual(WHAT_STAYS);
    expect(await statusOf(client, alice)).toBe(401);
    expect((await remove(client, alice)).status).toBe(204);
    const sent = await client.request('/v1/strategies/source-chain/messages', {
      token: bob.token,
      body: { to: alice.agent, payload: { type: 'text', text: 'still there?' } },
    });
    expect(sent.status).toBe(410);
  });

  it.each(['source-chain', 'pairwise-dht'])(
    'fails what waited for the agent on %s, for good',
    async (strategy) => {
      let client = new Client(service.url);
      const [alice, bob] = [await client.newAgent('alice', PASSPHRASE), await client.newAgent('bob')];
      await client.deliver(strategy, bob, alice);
      await service.end('SIGTERM');
      service = await start();
      client = new Client(service.url);
      // Its key is locked, and its session lasts.
      const sent = await client.send(strategy, bob, alice);
      await untilEqual(
        'recipient-unreachable',
        async () => (await messageOf(client, bob, sent)).delivery?.lastError,
      );

      expect((await remove(client, alice)).status).toBe(204);

      await untilEqual('failed', async () => (await messageOf(client, bob, sent)).status);
      expect((await messageOf(client, bob, sent)).delivery?.lastError).toBe(REASON);
      const path = `/v1/strategies/${strategy}/messages/${sent.id}/retry`;
      await client.request(path, { token: bob.token, method: 'POST' });
      await until(async () => {
        const { delivery, status } = await messageOf(client, bob, sent);
        expect([status, delivery?.lastError]).toEqual(['failed', REASON]);
      });
    },
  );
});

describe('two processes on one database', () => {
  let node: TwoProcesses;

  beforeEach(async () => {
    node = await TwoProcesses.open(2);
  });

  afterEach(() => node.close());

  it('both end what they serve for an agent that one of them deletes', async () => {
    const [first, second] = node.clients;
    const [bob] = node.agents;
    const robot = await first.newAgent('robot');
    const stream = await streamOf(second, robot);
    if (bob === undefined) throw new Error('nobody');
    await second.deliver('source-chain', bob, robot);

    expect((await remove(first, robot)).status).toBe(204);

    await stream.text;
    await until(async () => {
      const answer = await second.request('/v1/strategies/source-chain/messages', {
        token: bob.token,
        body: { to: robot.agent, payload: { type: 'text', text: 'still there?' } },
      });
      expect(answer.status).toBe(410);
    });
    expect(await statusOf(second, robot)).toBe(401);
  });
});

const keyOf = ({ agent }: Agent): Buffer => Buffer.from(agent, 'base64url');

async function rowsOf(table: string, agent: Agent): Promise<number> {
  const [row]: { rows: number }[] = await database.dataSource.query(
    `select count(*)::int as rows from "${table}" where holder = $1`,
    [keyOf(agent)],
  );
  return row?.rows ?? 0;
}

async function isWaiting(statement: string): Promise<boolean> {
  const [row]: { is_waiting: boolean }[] = await database.dataSource.query(
    `select exists (select from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and query like $1) as is_waiting`,
    [statement],
  );
  return row?.is_waiting ?? false;
}
