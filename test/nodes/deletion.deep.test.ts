import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { serviceDatabase } from '../../apps/api/src/node/database.js';
import { untilCleared } from '../../apps/api/test/support/agent-traces.js';
import { type Agent, type MessageJson } from '../../apps/api/test/support/client.js';
import { until, untilEqual } from '../support/until.js';
import { LinkedNode } from './support/linked-node.js';
import { PASSPHRASE, bytesOf, exportOf, importTo, problemIn } from './support/moving.js';

const PLACEMENTS = ['source-chain', 'pairwise-dht'] as const;
const NODE_SECRET = `${'d'.repeat(42)}A`;
const REASON = 'remote-call-refused/agent-deleted';

let here: LinkedNode;
let there: LinkedNode;
let bob: Agent;

beforeAll(async () => {
  [here, there] = await Promise.all([LinkedNode.start(), LinkedNode.start()]);
  bob = await there.client.newAgent('bob');
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
});

const remove = ({ agent, token }: Agent): Promise<Response> =>
  here.client.request(`/v1/agents/${agent}/deletion`, { token, body: { passphrase: PASSPHRASE } });

const byBob = (message: MessageJson): Promise<MessageJson> =>
  there.client.get('message', `/v1/strategies/${message.strategy}/messages/${message.id}`, {
    token: bob.token,
  });

async function untilFailed(message: MessageJson): Promise<void> {
  await until(async () => {
    const { delivery, status } = await byBob(message);
    expect([status, delivery?.lastError]).toEqual(['failed', REASON]);
  });
}

describe('an agent that is deleted on its node', () => {
  it('fails at once what agents of other nodes write to it, and what waited for it', async () => {
    const alice = await here.client.newAgent('alice', PASSPHRASE);
    await there.take(bob, alice.agent, await here.cardOf(alice));
    const delivered = await Promise.all(
      PLACEMENTS.map((strategy) => there.client.deliver(strategy, bob, alice)),
    );
    const address = ((await here.about(alice)).addresses[0] ?? '').replace('tcp://', '');
    await here.end('SIGTERM');
    await here.startAgain(address);
    // Its key is locked since.
    const waiting = await Promise.all(PLACEMENTS.map((strategy) => there.client.send(strategy, bob, alice)));
    for (const message of waiting)
      await untilEqual(
        'recipient-unreachable',
        async () => (await byBob(message)).delivery?.lastError ?? 'none',
      );

    expect((await remove(alice)).status).toBe(204);

    for (const message of waiting) await untilFailed(message);
    for (const strategy of PLACEMENTS) await untilFailed(await there.client.send(strategy, bob, alice));
    for (const message of delivered) expect((await byBob(message)).status).toBe('delivered');
  });
});

describe('the cards that a deleted agent has taken', () => {
  const sumOf = async (database: TestDatabase, sql: string): Promise<number> => {
    const [row]: { sum: number }[] = await database.dataSource.query(`select (${sql})::int as sum`);
    return row?.sum ?? -1;
  };

  it('are held until it is deleted, and nothing tells of them afterwards', async () => {
    const database = await openTestDatabase(serviceDatabase, { poolSize: 2 });
    const node = await LinkedNode.start({ DATABASE_URL: database.url, NODE_SECRET, DATABASE_POOL: '8' });
    const taken = async (): Promise<readonly number[]> => [
      await sumOf(database, 'select count(*) from card_hold'),
      await sumOf(database, 'select count(*) from agent_record'),
      await sumOf(database, 'select coalesce(sum(holds), 0) from agent_record'),
    ];
    const deleted = ({ agent, token }: Agent, passphrase: string): Promise<Response> =>
      node.client.request(`/v1/agents/${agent}/deletion`, { token, body: { passphrase } });
    try {
      const carol = await there.client.newAgent('carol');
      const holder = await node.client.newAgent('dave', PASSPHRASE);
      await node.cardOf(holder);
      for (const { agent, card } of [
        { agent: bob.agent, card: await there.cardOf(bob) },
        { agent: carol.agent, card: await there.cardOf(carol) },
      ])
        expect((await node.take(holder, agent, card))[0]).toBe(200);
      expect(await taken()).toEqual([2, 3, 2]);

      expect((await deleted(holder, 'another horse staple')).status).toBe(401);
      expect(await taken()).toEqual([2, 3, 2]);

      expect((await deleted(holder, PASSPHRASE)).status).toBe(204);
      await untilCleared(database);
      expect(await taken()).toEqual([0, 2, 0]);

      // A take that ended half-way has left what nobody can name any more.
      const other = await node.client.newAgent('erin', PASSPHRASE);
      await node.take(other, bob.agent, await there.cardOf(bob));
      await database.dataSource.query('delete from contact');
      expect((await deleted(other, PASSPHRASE)).status).toBe(204);
      await untilCleared(database);
      expect((await taken())[0]).toBe(0);
    } finally {
      await node.close();
      await database.close();
    }
  });

  it('cannot be taken of an agent that was deleted on the same node', async () => {
    const [alice, carol] = [
      await here.client.newAgent('alice', PASSPHRASE),
      await here.client.newAgent('carol'),
    ];
    const card = await here.cardOf(alice);
    expect((await remove(alice)).status).toBe(204);

    expect(await here.take(carol, alice.agent, card)).toEqual([410, 'agent-deleted']);
  });
});

describe('an agent file', () => {
  it('brings no agent back that was deleted since it was made, neither here nor on another node', async () => {
    const carol = await here.client.newAgent('carol', PASSPHRASE);
    const file = await bytesOf(await exportOf(here, carol));
    expect(await problemIn(await remove(carol))).toEqual([410, 'agent-moved']);
    const returned = await here.client.request(`/v1/agents/${carol.agent}/return`, {
      token: carol.token,
      body: { passphrase: PASSPHRASE },
    });
    expect(returned.status).toBe(204);
    const body = { agent: carol.agent, passphrase: PASSPHRASE };
    const { token } = await here.client.get('token', '/v1/sessions', { body });

    expect((await remove({ ...carol, token })).status).toBe(204);

    expect(await problemIn(await importTo(here, carol, file))).toEqual([410, 'agent-deleted']);
    expect(await problemIn(await importTo(there, carol, file))).toEqual([409, 'import-outdated']);
    const forced = await importTo(there, carol, file, { query: '?abandoned=true' });
    expect(await problemIn(forced)).toEqual([409, 'import-outdated']);
  });
});
